//! The sentence in English.

use super::number::{hundredths, vanishes};
use super::{Before, Change, Direction, Facts, Limits, Measured, Relative, TOO_FEW};
use crate::domain::period::PeriodKind;
use crate::domain::span::Span;
use chrono::{Datelike, NaiveDate};

pub(super) fn sentence(facts: &Facts) -> String {
    let Some(rate) = facts.now.rate else { return nothing(facts) };
    if facts.now.inspected < TOO_FEW {
        return too_few(facts, rate);
    }
    let decimals = facts.decimals();
    let failed = share(rate.value, decimals);
    let start = format!("{failed} of {} failed {}", facts.goods.english(), when(facts.now.span));
    let notes = notes(facts);
    let rest = match facts.before {
        Before::Was(before, Some(change)) => {
            let brackets = if notes.is_empty() { String::new() } else { format!(" ({notes})") };
            format!("{}{brackets}", compared(before.span, change, decimals))
        }
        before => {
            let more = if notes.is_empty() { notes } else { format!("; {notes}") };
            format!(" (95 %: {}{more}){}", between(rate, decimals), missing(before))
        }
    };
    format!("{start}{rest}")
}

fn compared(
    before: Span,
    Change { direction, difference, relative }: Change,
    decimals: usize,
) -> String {
    let before = name(before);
    let Limits { value, low, high } = difference;
    let points = match (vanishes(value, decimals), value < 0.0) {
        (true, _) => format!(", as in {before}"),
        (_, below) => {
            let side = if below { "below" } else { "above" };
            format!(", {} points {side} {before}", hundredths(value, decimals))
        }
    };
    let figure = |share: f64| hundredths(share, decimals);
    let side = |share: f64| match share {
        0.0 => "0".to_owned(),
        _ => format!("{} {}", figure(share), if share < 0.0 { "below" } else { "above" }),
    };
    let more = more_or_fewer(relative);
    match direction {
        Direction::Fell => {
            format!("{points} (95 %: {} to {}){more}: more than chance", figure(high), figure(low))
        }
        Direction::Rose => {
            format!("{points} (95 %: {} to {}){more}: more than chance", figure(low), figure(high))
        }
        Direction::NoClearChange => {
            format!("{points} (95 %: {} to {}): no clear change", side(low), side(high))
        }
    }
}

/// The change as a share of the rate before; nothing where nothing failed before.
fn more_or_fewer(Relative { value, low, high }: Relative) -> String {
    let Some(value) = value else { return String::new() };
    let figure = |share: f64| hundredths(share, 0);
    let word = |share: f64| if share < 0.0 { "fewer" } else { "more" };
    let side = |share: f64| format!("{} % {}", figure(share), word(share));
    let limits = match high {
        Some(high) if high < 0.0 => format!("{} to {} %", figure(high), figure(low)),
        Some(high) if low > 0.0 => format!("{} to {} %", figure(low), figure(high)),
        Some(high) => format!("{} to {}", side(low), side(high)),
        None if low > 0.0 => format!("at least {} %", figure(low)),
        None => format!("{} or any number more", side(low)),
    };
    format!(", {} (95 %: {limits})", side(value))
}

/// Why there is no comparison, where one was asked for.
fn missing(before: Before) -> String {
    match before {
        Before::NotAsked => String::new(),
        Before::NoSuchPeriod => "; there is no such period before to compare with".into(),
        Before::Was(Measured { span, declared: 0, .. }, _) => {
            format!("; nothing was declared for {} to compare with", name(span))
        }
        Before::Was(Measured { span, .. }, _) => {
            format!("; nothing was inspected {} to compare with", when(span))
        }
    }
}

fn nothing(facts: &Facts) -> String {
    let Facts { goods, now, before } = facts;
    let goods = goods.english();
    let start = match now.declared {
        0 => format!("No {goods} were declared for {}", name(now.span)),
        _ => format!("No {goods} were inspected {}", when(now.span)),
    };
    match before {
        Before::Was(Measured { span, rate: Some(rate), inspected, .. }, _)
            if *inspected >= TOO_FEW =>
        {
            let failed = share(rate.value, facts.decimals());
            format!("{start}; {failed} failed {}", when(*span))
        }
        _ => start,
    }
}

fn too_few(facts: &Facts, rate: Limits) -> String {
    let Facts { goods, now, before } = facts;
    let (goods, when) = (goods.english(), when(now.span));
    let limits = between(rate, 1);
    let start = format!(
        "Too few {goods} were inspected {when} to name a rate: {} (95 %: {limits})",
        now.inspected
    );
    let rest = match before {
        Before::Was(Measured { span, .. }, Some(change)) => {
            let before = name(*span);
            match change.direction {
                Direction::Fell => format!("; still below {before}, by more than chance"),
                Direction::Rose => format!("; still above {before}, by more than chance"),
                Direction::NoClearChange => format!("; no clear change from {before}"),
            }
        }
        before => missing(*before),
    };
    format!("{start}{rest}")
}

/// What to keep in mind.
fn notes(facts: &Facts) -> String {
    let [now, before] = facts.few();
    let before = before.map(|m| format!("only {} inspected {}", m.inspected, when(m.span)));
    let now = now.map(|m| format!("only {} inspected", m.inspected));
    let open = facts.is_provisional().then(|| "results are missing still".into());
    [now, before, open].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn share(share: f64, decimals: usize) -> String {
    format!("{} %", hundredths(share, decimals))
}

fn between(rate: Limits, decimals: usize) -> String {
    format!("{} to {}", hundredths(rate.low, decimals), share(rate.high, decimals))
}

/// "in October 2026", "from 1 to 15 October 2026".
fn when(span: Span) -> String {
    let word = match (span.first() == span.last(), span.is_whole()) {
        (true, _) => "on",
        (_, true) => "in",
        _ => "from",
    };
    format!("{word} {}", name(span))
}

/// "October 2026", "1 to 15 October 2026".
fn name(span: Span) -> String {
    let (first, last) = (span.first(), span.last());
    if first == last {
        return day(first);
    }
    if !span.is_whole() {
        return match (first.year() == last.year(), first.month() == last.month()) {
            (true, true) => format!("{} to {}", first.day(), day(last)),
            (true, false) => format!("{} to {}", first.format("%-d %B"), day(last)),
            _ => format!("{} to {}", day(first), day(last)),
        };
    }
    match span.period().kind() {
        PeriodKind::Day => day(first),
        PeriodKind::Week => {
            format!("week {} of {}", first.iso_week().week(), first.iso_week().year())
        }
        PeriodKind::Month => first.format("%B %Y").to_string(),
        PeriodKind::Quarter => {
            let ordinal = match first.month() {
                1 => "first",
                4 => "second",
                7 => "third",
                _ => "fourth",
            };
            format!("the {ordinal} quarter of {}", first.year())
        }
        PeriodKind::Year => first.year().to_string(),
    }
}

fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
