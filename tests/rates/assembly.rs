//! Cells whose rates are known by hand.

use super::world::{
    EGYPT, ITALY, KENYA, VIETNAM, World, ask, ask_for, classes, day, line, lines, place,
};
use breeze::domain::period::PeriodKind::{Day, Month, Quarter, Week, Year};
use breeze::domain::problem::Code;
use breeze::error::Error;
use breeze::flow::rates::cells::assemble;
use breeze::flow::rates::responses::{ClassCounts, Responses};
use breeze::flow::rates::{Ask, MOST_CELLS, Words, parts};
use breeze::statistics::Target;

/// An office's winter: Kenya is drawn one in two, Vietnam one in sixteen, Italy by order.
fn winter() -> World {
    let mut world = World::default();
    let kenya = place("2026-01-31", "CNTAO", KENYA);
    let vietnam = place("2026-02-01", "CNTAO", VIETNAM);
    let italy = place("2026-02-01", "CNSHA", ITALY);
    world.frame(&kenya, 2, 8).drawn(&kenya, 2, "fppp").waiting(&kenya, 3);
    world.frame(&vietnam, 16, 20).drawn(&vietnam, 16, "pf");
    world.ordered(&italy, "ff");
    world
}

#[test]
fn a_rate_is_weighted_back_to_all_declarations() {
    let cells = winter().rates(&ask(Quarter, ""));
    assert_eq!(lines(&cells), ["2026-Q1 [] 33 8 8 4"]);
    let cell = &cells[0];
    // W = 4·2 + 2·16 + 2·1, WY = 2 + 16 + 2.
    assert_eq!((cell.sums.w, cell.sums.wy), (42.0, 20.0));
    assert_eq!(cell.rate.estimated, Some(20.0 / 42.0));
    assert_eq!(cell.rate.observed, Some(0.5));
    assert_eq!((cell.sums.rows, cell.counts.waiting, cell.declared()), (30, 3, 33));
    assert!(cell.provisional, "three wait for their frame");
}

#[test]
fn what_was_drawn_by_order_is_counted_apart() {
    let mut world = winter();
    world.ordered(&place("2026-02-02", "CNTAO", VIETNAM), "pfon");
    let cells = world.rates(&ask(Month, "office"));
    let counts = |at: usize| cells[at].counts.directive;
    assert_eq!(counts(0), parts::Ordered::default(), "January has none");
    let ordered = parts::Ordered { drawn: 2, inspected: 2, failed: 2 };
    assert_eq!((cells[1].labels[0].as_deref(), counts(1)), (Some("CNSHA"), ordered));
    assert_eq!(counts(2), parts::Ordered { drawn: 4, inspected: 2, failed: 1 });
    let apart = world.rates(&ask(Month, "selection"));
    let apart = apart.iter().map(|cell| cell.counts.directive.drawn).sum::<u64>();
    assert_eq!(apart, 6, "the same, however they are split");
}

#[test]
fn periods_and_splits_make_cells_in_a_stable_order() {
    let rates = |period, split: &str| lines(&winter().rates(&ask(period, split)));
    assert_eq!(rates(Month, ""), ["2026-01 [] 11 4 4 1", "2026-02 [] 22 4 4 3"]);
    assert_eq!(rates(Week, ""), ["2026-W05 [] 33 8 8 4"]);
    assert_eq!(rates(Day, ""), ["2026-01-31 [] 11 4 4 1", "2026-02-01 [] 22 4 4 3"]);
    assert_eq!(
        rates(Year, "region"),
        ["2026 [africa] 11 4 4 1", "2026 [asia] 20 2 2 1", "2026 [europe] 2 2 2 2"]
    );
    assert_eq!(
        rates(Year, "office,chapter"),
        ["2026 [CNSHA,08] 2 2 2 2", "2026 [CNTAO,85] 31 6 6 2"]
    );
    // A heading is the end of what was declared.
    assert_eq!(
        rates(Year, "subheading"),
        ["2026 [080510] 2 2 2 2", "2026 [8507] 20 2 2 1", "2026 [850760] 11 4 4 1"]
    );
    assert_eq!(
        rates(Year, "selection"),
        ["2026 [-] 3 0 0 0", "2026 [directive] 2 2 2 2", "2026 [random] 28 6 6 2"]
    );
}

#[test]
fn groupings_overlap_and_have_the_members_of_the_day() {
    let mut world = World::default();
    for (on, states) in [("2023-12-05", "pp"), ("2023-12-06", "pf")] {
        let italy = place(on, "CNSHA", ITALY);
        world.frame(&italy, 1, 2).drawn(&italy, 1, states);
    }
    assert_eq!(
        lines(&world.rates(&ask(Month, "grouping"))),
        ["2023-12 [belt-and-road] 2 2 2 0", "2023-12 [eu] 4 4 4 1"]
    );
    let only = |split| {
        let mut filter = Words::default();
        filter.filters.grouping = vec!["belt-and-road".into()];
        lines(&world.rates(&ask_for(Month, split, Target::Declarations, filter)))
    };
    assert_eq!(only("grouping"), ["2023-12 [belt-and-road] 2 2 2 0"]);
    assert_eq!(only("country"), ["2023-12 [IT] 2 2 2 0"]);
}

#[test]
fn what_was_not_inspected_is_spoken_for_by_its_whole_class() {
    let mut world = World::default();
    let kenya = place("2026-03-02", "CNTAO", KENYA);
    let egypt = place("2026-03-31", "CNTAO", EGYPT);
    let vietnam = place("2026-03-31", "CNTAO", VIETNAM);
    // Africa: 12 drawn, 8 inspected, factor 1.5; Asia: all inspected, factor 1.
    world.frame(&kenya, 4, 24).drawn(&kenya, 4, "fpppnn");
    world.frame(&egypt, 4, 24).drawn(&egypt, 4, "fpppno");
    world.frame(&vietnam, 8, 80).drawn(&vietnam, 8, "pppppppppf");
    let whole = world.rates(&ask(Month, ""));
    assert_eq!((whole[0].sums.w, whole[0].sums.wy), (8.0 * 6.0 + 80.0, 2.0 * 6.0 + 8.0));
    assert!(whole[0].provisional);
    // A split, a filter, a shorter period: the factor is that of the class still.
    let by_country = world.rates(&ask(Month, "country"));
    assert_eq!(lines(&by_country)[1], "2026-03 [KE] 24 6 4 1");
    assert_eq!((by_country[1].sums.w, by_country[1].counts.not_inspected), (4.0 * 6.0, 2));
    assert_eq!((by_country[0].counts.open, by_country[0].counts.not_inspected), (1, 1));
    let mut filtered = world.clone();
    filtered.rows.frames.retain(|row| row.place.country == "KE");
    filtered.rows.drawn.retain(|row| row.place.country == "KE");
    let filtered = filtered.rates_among(&ask(Day, ""), &world);
    assert_eq!(lines(&filtered), ["2026-03-02 [] 24 6 4 1"]);
    assert_eq!(filtered[0].rate, by_country[1].rate);
    assert!(filtered[0].provisional, "an item of Egypt's is open in the same class");
}

#[test]
fn a_cell_is_provisional_while_a_result_is_missing_that_its_factor_depends_on() {
    let mut world = World::default();
    let states = [(KENYA, "fpppppp"), (VIETNAM, "pn"), (ITALY, "ppppo")];
    for (goods, states) in states {
        let place = place("2026-03-02", "CNTAO", goods);
        world.frame(&place, 4, 40).drawn(&place, 4, states);
    }
    let cells = world.rates(&ask(Month, "region"));
    let provisional: Vec<_> = cells.iter().map(|cell| cell.provisional).collect();
    // Africa is complete and stands alone; Asia shares with Europe, which waits for one.
    assert_eq!(provisional, [false, true, true]);
    // Of what nothing was drawn no result is missing, whatever others wait for.
    let nothing_drawn = place("2026-03-02", "CNTAO", ["oceania", "AU", "850760"]);
    world.frame(&nothing_drawn, 4, 2);
    let mut known = classes(&world.rows.drawn);
    let class = (day("2026-03-01"), "CNTAO".into(), "oceania".into());
    known.insert(class, ClassCounts::default());
    let (parts, known) = (parts::add(world.rows.clone()).unwrap(), Responses::of(&known).unwrap());
    let all = assemble(&ask(Month, "region"), &parts, &known).unwrap();
    let oceania = all.iter().find(|cell| line(cell) == "2026-03 [oceania] 2 0 0 0").unwrap();
    assert!(!oceania.provisional);
    assert_eq!(cells[1].sums.w, 4.0 * 7.0 / 5.0);
}

#[test]
fn a_week_across_two_months_takes_the_factor_of_each() {
    let mut world = World::default();
    let january = place("2026-01-31", "CNTAO", KENYA);
    let february = place("2026-02-01", "CNTAO", KENYA);
    world.frame(&january, 2, 20).drawn(&january, 2, "fpppppnnnn");
    world.frame(&february, 2, 20).drawn(&february, 2, "fpppppppnn");
    let week = world.rates(&ask(Week, ""));
    let (january, february) = (10.0 / 6.0, 10.0 / 8.0);
    let w = (2.0 * 6.0 * january) + (2.0 * 8.0 * february);
    let wy = (2.0 * january) + (2.0 * february);
    assert!((week[0].sums.w - w).abs() < 1e-12 && (week[0].sums.wy - wy).abs() < 1e-12);
}

#[test]
fn where_nothing_was_inspected_the_rate_is_empty() {
    let mut world = World::default();
    let kenya = place("2026-04-01", "CNTAO", KENYA);
    world.frame(&kenya, 2, 6).drawn(&kenya, 2, "oon").waiting(&kenya, 1);
    let cells = world.rates(&ask(Month, ""));
    assert_eq!(lines(&cells), ["2026-04 [] 7 3 0 0"]);
    let rate = cells[0].rate;
    assert_eq!((rate.observed, rate.estimated, rate.standard_error), (None, None, None));
    assert_eq!((rate.low, rate.high, rate.effective_n), (None, None, None));
    assert!(cells[0].provisional && cells[0].counts.open == 2);
}

#[test]
fn periods_without_data_are_there_and_empty() {
    let mut world = World::default();
    let kenya = place("2026-04-01", "CNTAO", KENYA);
    world.frame(&kenya, 2, 2).drawn(&kenya, 2, "p");
    let rates = |split_by: &[&str], filter: fn(&mut Words)| {
        let split_by = split_by.iter().map(|&split| split.to_owned()).collect();
        let (from, to) = ("2026-03".into(), "2026-05".into());
        let period = "month".into();
        let mut words = Words { period, from, to, split_by, ..Words::default() };
        filter(&mut words);
        let ask = Ask::parse(&words).unwrap();
        let parts = parts::add(world.rows.clone()).unwrap();
        assemble(&ask, &parts, &world.responses()).unwrap()
    };
    let all = rates(&[], |_| {});
    assert_eq!(lines(&all), ["2026-03 [] 0 0 0 0", "2026-04 [] 2 1 1 0", "2026-05 [] 0 0 0 0"]);
    assert_eq!((all[0].rate.estimated, all[0].rate.high, all[0].provisional), (None, None, false));
    let seen = rates(&["region"], |_| {});
    assert_eq!(lines(&seen)[2], "2026-05 [africa] 0 0 0 0");
    let named = rates(&["region", "office"], |words| {
        words.filters.region = vec!["africa".into(), "asia".into()];
        words.filters.office = vec!["CNTAO".into()];
    });
    assert_eq!(named.len(), 6, "what is asked for by name is there");
    assert_eq!(lines(&named)[1], "2026-03 [asia,CNTAO] 0 0 0 0");
}

#[test]
fn a_range_of_more_periods_than_cells_is_refused_before_anything_is_read() {
    let (period, from, to) = ("day".into(), "1000".into(), "9999".into());
    let ask = Ask::parse(&Words { period, from, to, ..Words::default() }).unwrap();
    let refused = assemble(&ask, &parts::Parts::new(), &World::default().responses());
    let Err(Error::Problem(problem)) = refused else { panic!("not refused") };
    assert!(problem.detail.contains("10000 cells") && problem.detail.contains("longer periods"));
}

#[test]
fn more_cells_than_the_most_are_refused_in_words() {
    let mut world = World::default();
    for at in 0..=MOST_CELLS {
        let commodity = format!("{at:06}");
        world.waiting(&place("2026-04-01", "CNTAO", ["africa", "KE", &commodity]), 1);
    }
    let parts = parts::add(world.rows.clone()).unwrap();
    let refused = assemble(&ask(Month, "subheading"), &parts, &world.responses());
    let Err(Error::Problem(problem)) = refused else { panic!("not refused") };
    assert_eq!(problem.code, Code::QuestionImpossible);
    assert!(problem.detail.contains("10000 cells"), "{problem}");
    assert_eq!(world.rates(&ask(Month, "chapter")).len(), 2);
}

#[test]
fn a_request_is_read_or_refused_with_what_is_possible() {
    let words = |change: fn(&mut Words)| {
        let (period, from, to) = ("month".into(), "2026-W05".into(), "2026-Q1".into());
        let mut words = Words { period, from, to, ..Words::default() };
        change(&mut words);
        Ask::parse(&words)
    };
    let ask = words(|words| {
        words.split_by = vec!["region, office".into(), "office".into(), "chapter".into()];
        words.filters.grouping = vec!["eu".into(), "eu".into()];
    });
    let ask = ask.unwrap();
    assert_eq!(ask.days, (day("2026-01-26"), day("2026-03-31")));
    let splits: Vec<_> = ask.split_by.iter().map(|split| split.as_str()).collect();
    assert_eq!(splits, ["region", "office", "chapter"]);
    assert_eq!(ask.groupings.len(), 1);
    type Change = fn(&mut Words);
    let refused: [(Change, &str); 14] = [
        (|words| words.period = "fortnight".into(), "quarter"),
        (|words| words.target = Some("all".into()), "process"),
        (|words| words.from = "yesterday".into(), "2026-W05"),
        (|words| words.to = "2025".into(), "after"),
        (|words| words.split_by = vec!["importer".into()], "subheading"),
        (|words| words.filters.region = vec!["Africa".into()], "latin-america"),
        (|words| words.filters.grouping = vec!["nato".into()], "belt-and-road"),
        (|words| words.filters.country = vec!["ke".into()], "capitals"),
        (|words| words.filters.commodity = vec!["85%".into()], "digits"),
        (|words| words.filters.office = vec!["a b".into()], "office"),
        (|words| words.filters.province = vec![String::new()], "CN-SD"),
        (|words| words.filters.exporter = vec!["\n".into()], "exporters"),
        (|words| words.filters.campaign = vec!["x".repeat(65)], "campaigns"),
        (|words| words.filters.selection = vec!["chance".into()], "directive"),
    ];
    for (change, hint) in refused {
        let problem = words(change).unwrap_err();
        assert_eq!(problem.code, Code::QuestionImpossible);
        assert!(problem.detail.contains(hint), "{problem} lacks {hint}");
    }
}
