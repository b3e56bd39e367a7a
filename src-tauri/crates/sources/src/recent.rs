//! The last things that were seen, to tell repetitions.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

/// Remembers the last `size` things.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    size: usize,
    order: VecDeque<T>,
    known: HashSet<T>,
}

impl<T: Clone + Eq + Hash> Recent<T> {
    /// Remembers nothing yet.
    pub(crate) fn new(size: usize) -> Self {
        Self { size, order: VecDeque::new(), known: HashSet::new() }
    }

    /// Remembers `thing`; `false` when it was remembered already.
    pub(crate) fn insert(&mut self, thing: T) -> bool {
        if !self.known.insert(thing.clone()) {
            return false;
        }
        self.order.push_back(thing);
        if self.order.len() > self.size
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    /// Whether `thing` is remembered.
    pub(crate) fn contains(&self, thing: &T) -> bool {
        self.known.contains(thing)
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut recent = Recent::new(2);
        assert!(recent.insert(1) && recent.insert(2));
        assert!(!recent.insert(1), "still remembered");
        assert!(recent.insert(3));
        assert!(!recent.contains(&1) && recent.contains(&2) && recent.contains(&3));
    }
}
