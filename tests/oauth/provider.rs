//! A certified server that ends everything when a refresh token comes a second time.

use std::{thread::sleep, time::Duration};

use sidecard_tests::probe::Probe;

use crate::probe::Desk;

/// Longer than the access tokens of these tests live.
const EXPIRY: Duration = Duration::from_millis(2_300);

fn both(one: &mut Probe, two: &mut Probe, command: &str) -> [String; 2] {
    one.tell(command);
    two.tell(command);
    [one.answer(), two.answer()]
}

// LC-01, CRM-08
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_renew_at_once_share_one_renewal() {
    let desk = Desk::new(2);
    let mut one = desk.signed_in().await;
    let mut two = desk.probe();
    for round in 1..=4 {
        sleep(EXPIRY);
        let [first, second] = both(&mut one, &mut two, "grant");
        assert!(first.starts_with("access "), "round {round}: {first}");
        assert_eq!(first, second, "round {round}: what one renewed, the other takes over");
        assert_eq!(desk.provider.count("granted refresh_token"), round);
    }
    assert_eq!(desk.provider.count("refused"), 0);
}

// CRM-08
#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_renewed_before_it_died_is_good_for_the_next() {
    let desk = Desk::new(3_600);
    let mut before = desk.signed_in().await.ask("grant");
    for round in 1..=3 {
        let mut probe = desk.probe();
        assert_eq!(probe.ask("grant"), before, "a good token is not renewed");
        // Refused elsewhere, so renewed; the process dies before it can use it.
        let renewed = probe.ask("renew");
        assert!(renewed.starts_with("access ") && renewed != before, "round {round}: {renewed}");
        probe.kill();
        before = renewed;
    }
    assert_eq!(desk.provider.count("granted refresh_token"), 3);
    assert_eq!(desk.provider.count("refused"), 0);
}

// CRM-08
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_while_it_holds_keeps_nobody_waiting() {
    let desk = Desk::new(2);
    let mut one = desk.signed_in().await;
    let mut two = desk.probe();
    sleep(EXPIRY);
    one.tell("grant");
    sleep(Duration::from_millis(5));
    one.kill();
    // Wherever that hit it: the grant is good, or it died between the server's answer and the keyring.
    let answer = two.ask("grant");
    assert!(answer.starts_with("access ") || answer == "unauthorized", "{answer}");
}
