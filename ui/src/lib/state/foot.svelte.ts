// The buttons at the foot of what is on show: how much room they take, so that nothing comes to lie over them.

class Foot {
  /** In CSS pixels; 0 without such buttons. */
  height = $state(0);
}

/** The one foot of this window. */
export const foot = new Foot();
