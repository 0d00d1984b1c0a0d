use super::*;
use crate::domain::declaration::{DeclarationBody, parse};
use crate::domain::problem::Code;
use proptest::prelude::*;
use std::collections::HashMap;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn declaration(number: &str, exporter: &str, commodity: &str, country: &str) -> Declaration {
    let text = |text: &str| Some(text.to_owned());
    let body = DeclarationBody {
        declaration_number: text(number),
        office: text("CNTAO"),
        exporter_id: text(exporter),
        destination_country: text(country),
        commodity_code: text(commodity),
        quantity: text("1"),
        unit: text("C62"),
        declared_at: text("2026-11-24T09:00:00+08:00"),
        ..DeclarationBody::default()
    };
    parse(&body, "2026-11-24T02:00:00Z".parse().unwrap(), false).unwrap().declaration
}

fn body() -> DirectiveBody {
    DirectiveBody {
        declaration_number: None,
        exporter_id: Some("X-1".into()),
        commodity: None,
        destination_country: None,
        office: None,
        reason: "why".into(),
        from: day("2026-11-24"),
        until: day("2026-12-24"),
        limit: None,
    }
}

fn directive(id: &str, body: &DirectiveBody) -> Directive {
    Directive {
        id: id.into(),
        kind: DirectiveKind::Ordered,
        order: body.order().unwrap(),
        cancelled_declaration: None,
        ordered_at: DateTime::UNIX_EPOCH,
        ordered_by: "test".into(),
        event: ("-".into(), 1),
        closed: None,
    }
}

#[test]
fn everything_that_is_named_must_hold() {
    let goods = declaration("E-1", "X-1", "850760", "KE");
    type Change = fn(&mut DirectiveBody);
    let cases: [(Change, bool); 9] = [
        (|_| {}, true),
        (|b| b.commodity = Some("85".into()), true),
        (|b| b.commodity = Some("8508".into()), false),
        (|b| b.destination_country = Some("KE".into()), true),
        (|b| b.destination_country = Some("NG".into()), false),
        (|b| b.declaration_number = Some("E-1".into()), true),
        (|b| b.declaration_number = Some("E-2".into()), false),
        (|b| b.exporter_id = Some("X-2".into()), false),
        (|b| b.office = Some("CNSHA".into()), false),
    ];
    for (change, holds) in cases {
        let mut body = body();
        change(&mut body);
        let directive = directive("D-1", &body);
        assert_eq!(directive.order.target.holds(&goods), holds, "{body:?}");
        let directives = [directive];
        let orders = Orders::new(&directives);
        assert_eq!(orders.holding(&goods).len(), usize::from(holds), "{body:?}");
    }
}

#[test]
fn what_is_wrong_with_an_order_is_said_all_at_once() {
    let wrong = DirectiveBody {
        exporter_id: Some("a b".into()),
        commodity: Some("8".into()),
        destination_country: Some("XK".into()),
        office: Some("-".into()),
        reason: " ".into(),
        until: day("2026-11-23"),
        limit: Some(0),
        ..body()
    };
    let problem = wrong.order().unwrap_err();
    let found: Vec<_> = problem.errors.iter().map(|e| (e.pointer.as_str(), e.code)).collect();
    let expected = [
        ("/exporter_id", Code::IdInvalid),
        ("/commodity", Code::ValueNotAllowed),
        ("/destination_country", Code::CountryUnknown),
        ("/office", Code::IdInvalid),
        ("/reason", Code::Required),
        ("/until", Code::DirectiveInvalid),
        ("/limit", Code::NumberOutOfRange),
    ];
    assert_eq!(found, expected);
    let all = DirectiveBody { exporter_id: None, ..body() }.order().unwrap_err();
    assert_eq!((all.errors[0].pointer.as_str(), all.errors[0].code), ("", Code::DirectiveInvalid));
    let year = |until: &str| DirectiveBody { until: day(until), ..body() }.order();
    assert!(year("2027-11-25").is_ok() && year("2027-11-26").is_err());
}

#[test]
fn a_directive_stands_somewhere_on_every_day() {
    let mut directive = directive("D-1", &body());
    let states = ["2026-11-23", "2026-11-24", "2026-12-24", "2026-12-25"];
    let states = states.map(|on| directive.state_on(day(on)));
    use DirectiveState::{Closed, Ended, InForce, Scheduled};
    assert_eq!(states, [Scheduled, InForce, InForce, Ended]);
    directive.closed = Some(Closure {
        reason: "done".into(),
        closed_at: DateTime::UNIX_EPOCH,
        closed_by: "test".into(),
        chain_sequence: 2,
    });
    assert_eq!(directive.state_on(day("2026-11-24")), Closed);
}

#[test]
fn the_first_accepted_are_taken_first_and_a_full_order_makes_room_for_the_next() {
    let goods = ["E-1", "E-2", "E-3"].map(|number| declaration(number, "X-1", "850760", "KE"));
    // Accepted in the order E-3, E-1, E-2.
    let row = |at: usize, chain_sequence| Row {
        declaration: &goods[at],
        received_at: DateTime::UNIX_EPOCH,
        chain_sequence,
    };
    let frame = [row(0, 7), row(1, 7), row(2, 3)];
    let limited = |limit| DirectiveBody { limit: Some(limit), ..body() };
    let directives = [directive("D-1", &limited(3)), directive("D-2", &limited(1))];
    let taken = HashMap::from([("D-1".to_owned(), 2)]);
    let takers = take(&directives, &taken, frame);
    let taker = |number: &str| takers.get(number).map(String::as_str);
    assert_eq!([taker("E-3"), taker("E-1"), taker("E-2")], [Some("D-1"), Some("D-2"), None]);
}

prop_compose! {
    fn orders()(
        orders in prop::collection::vec(
            (prop::option::of(0..3_usize), prop::option::of(0..3_usize), prop::option::of(1..4_i64), 0..3_u64),
            0..8,
        )
    ) -> (Vec<Directive>, HashMap<String, u64>) {
        let mut taken = HashMap::new();
        let directives = orders.into_iter().enumerate().map(|(at, (exporter, prefix, limit, used))| {
            let id = format!("D-{at}");
            taken.insert(id.clone(), used);
            directive(&id, &DirectiveBody {
                exporter_id: exporter.map(|n| format!("X-{n}")),
                commodity: prefix.map(|n| ["85", "8507", "64"][n].to_owned()),
                declaration_number: (exporter.or(prefix).is_none()).then(|| "E-0".to_owned()),
                limit,
                ..body()
            })
        }).collect();
        (directives, taken)
    }
}

proptest! {
    #[test]
    fn no_limit_is_passed_and_who_is_held_with_room_left_is_taken(
        (directives, before) in orders(),
        goods in prop::collection::vec((0..3_usize, 0..3_usize), 0..12),
    ) {
        let goods: Vec<_> = goods.into_iter().enumerate().map(|(at, (exporter, code))| {
            let code = ["850760", "850110", "640399"][code];
            declaration(&format!("E-{at}"), &format!("X-{exporter}"), code, "KE")
        }).collect();
        let row = |declaration| Row { declaration, received_at: DateTime::UNIX_EPOCH, chain_sequence: 1 };
        let frame: Vec<_> = goods.iter().map(row).collect();
        let takers = take(&directives, &before, frame.clone());
        let backwards: Vec<_> = frame.iter().rev().copied().collect();
        prop_assert_eq!(&takers, &take(&directives, &before, backwards));
        let count = |id: &str| takers.values().filter(|taker| *taker == id).count() as u64;
        for directive in &directives {
            let total = before[&directive.id] + count(&directive.id);
            let limit = directive.order.limit.map_or(u64::MAX, u64::from);
            prop_assert!(total <= limit.max(before[&directive.id]));
        }
        for declaration in &goods {
            let holding = Orders::new(&directives);
            let holding = holding.holding(declaration);
            let slow: Vec<_> = directives.iter().filter(|d| d.order.target.holds(declaration)).collect();
            prop_assert_eq!(&holding, &slow);
            let free = holding.iter().find(|d| {
                let limit = d.order.limit.map_or(u64::MAX, u64::from);
                before[&d.id] + count(&d.id) < limit
            });
            match takers.get(declaration.number.as_str()) {
                Some(taker) => prop_assert!(free.is_none_or(|free| *taker <= free.id)),
                None => prop_assert!(free.is_none()),
            }
        }
    }
}
