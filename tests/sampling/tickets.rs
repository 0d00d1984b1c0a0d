//! Keyed hashes against the golden vectors.

use breeze::sampling::{
    assign::{Inspector, Item, assign},
    ticket::{DrawId, Pseudonym, Tickets, commitment, digest, draw_secret, keyed, seed},
};
use serde_json::Value;

use crate::{cases, list, text};

const VECTORS: &str = include_str!("../vectors/tickets.json");

fn key(value: &Value) -> [u8; 32] {
    hex::decode(text(value)).unwrap().try_into().unwrap()
}

#[test]
fn every_hash_of_the_vectors_is_met() {
    let cases = cases(VECTORS);
    let (last, draws) = cases.split_last().unwrap();
    assert!(draws.len() >= 6);
    for case in draws {
        check_draw(&case["input"], &case["expected"]);
    }
    check_prefix(&last["input"], &last["expected"]);
}

fn check_draw(input: &Value, expected: &Value) {
    let round = text(&input["round"]).parse().unwrap();
    let id = DrawId { office: text(&input["office"]), day: text(&input["day"]), round };
    let secret = draw_secret(&key(&input["master"]), &id);
    assert_eq!(secret, key(&expected["secret"]));
    assert_eq!(commitment(&id, &secret), key(&expected["commitment"]));
    let entropy: Vec<Vec<u8>> =
        list(&input["entropy"]).iter().map(|part| hex::decode(text(part)).unwrap()).collect();
    let entropy: Vec<&[u8]> = entropy.iter().map(Vec::as_slice).collect();
    let seed = seed(&secret, &id, &entropy);
    assert_eq!(seed, key(&expected["seed"]));
    let tickets = Tickets::new(&seed);
    assert_eq!(u64::from(tickets.start()), expected["start"]);
    for number in list(&input["numbers"]).iter().map(text) {
        let ticket = tickets.ticket(number).to_string();
        assert_eq!(ticket, text(&expected["tickets"][number]));
    }
    for stratum in list(&input["strata"]).iter().map(text) {
        let key = tickets.stratum_key(stratum).to_string();
        assert_eq!(key, text(&expected["stratum_keys"][stratum]));
    }
    for number in list(&input["numbers"]).iter().map(text) {
        let mut ids: Vec<&str> = list(&input["inspectors"]).iter().map(text).collect();
        let first = chosen(&tickets, number, &ids);
        assert_eq!(ids[first], text(&expected["inspector"][number]));
        ids.remove(first);
        let second = chosen(&tickets, number, &ids);
        assert_eq!(ids[second], text(&expected["inspector_without_the_first"][number]));
    }
}

fn chosen(tickets: &Tickets, number: &str, ids: &[&str]) -> usize {
    let inspector = |id: &&str| Inspector { id: (*id).into(), room: 1, conflicts: [].into() };
    let roster: Vec<Inspector> = ids.iter().map(inspector).collect();
    let item = Item { number, exporter: Pseudonym([0; 8]) };
    assign(tickets, &[item], &roster)[0].unwrap()
}

fn check_prefix(input: &Value, expected: &Value) {
    let tag = text(&input["tag"]);
    let parts = |name: &str| -> Vec<&[u8]> {
        list(&input[name]).iter().map(|part| text(part).as_bytes()).collect()
    };
    assert_eq!(digest(tag, &parts("parts_a")), key(&expected["H_a"]));
    assert_eq!(digest(tag, &parts("parts_b")), key(&expected["H_b"]));
    assert_eq!(digest(tag, &[]), key(&expected["H_none"]));
    assert_eq!(keyed(&[0; 32], tag, &parts("parts_a")), key(&expected["HM_a_key_zero32"]));
}
