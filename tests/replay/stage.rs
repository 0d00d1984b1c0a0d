//! What the tests play with.

use breeze::domain::campaign::Campaign;
use breeze::domain::policy::{Policy, parse_toml};
use breeze::flow::replay::simulate::invent;
use breeze::flow::replay::{Played, Refit, Rules, Settings, Truth, World, play};
use breeze::statistics::risk::Recipe;
use chrono::NaiveDate;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The first days of the invented year 7.
pub fn world(to: &str) -> World {
    invent(7).between(None, Some(day(to)))
}

pub fn policy(exponent: &str) -> Policy {
    let text = format!(
        "id = \"p\"\nfrom = 2025-01-01\nfloor = 0.005\ntargeting_exponent = {exponent}\n\
         [[rules]]\nproportion = 0.05\n[[rules]]\nregion = \"africa\"\nproportion = 0.1\n"
    );
    parse_toml(&text, 1).unwrap()
}

pub fn settings(refit: Refit) -> Settings {
    Settings { capacity: 1_000, refit, recipe: Recipe::default(), seed: [7; 32] }
}

pub fn played(
    world: &World,
    policy: &Policy,
    campaigns: &[Campaign],
    settings: &Settings,
) -> Played {
    play(world, Rules { policy, campaigns }, settings, &mut |_| ()).unwrap()
}

/// The world with the results of some declarations turned over.
pub fn turned(world: &World, turn: impl Fn(usize, NaiveDate) -> bool) -> World {
    let severity = |failed| {
        let like = |truth: &Truth| truth.failed == failed;
        world.declared().iter().map(|row| row.truth).find(like).unwrap()
    };
    let (fail, pass) = (severity(true), severity(false));
    world.clone().with_truth(|at, row| match (turn(at, row.day), row.truth.failed) {
        (false, _) => row.truth,
        (true, true) => pass,
        (true, false) => fail,
    })
}
