//! The sentence in Chinese.

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
    let start = format!("{}{}有{failed}不合格", name(facts.now.span), facts.goods.chinese());
    let notes = notes(facts);
    let rest = match facts.before {
        Before::Was(before, Some(change)) => {
            let brackets = if notes.is_empty() { String::new() } else { format!("（{notes}）") };
            format!("{}{brackets}", compared(before.span, change, decimals))
        }
        before => {
            let more = if notes.is_empty() { notes } else { format!("；{notes}") };
            format!("（95%区间：{}{more}）{}", between(rate, decimals), missing(before))
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
    let points = if vanishes(value, decimals) {
        format!("，与{before}持平")
    } else {
        format!("，比{before}{}{}个百分点", side(value), hundredths(value, decimals))
    };
    let figure = |share: f64| hundredths(share, decimals);
    let limit = |share: f64| match share {
        0.0 => "0".to_owned(),
        _ => format!("{}{}", side(share), figure(share)),
    };
    let relative = share_of_before(relative);
    match direction {
        Direction::Fell => {
            format!(
                "{points}（95%区间：{}至{}）{relative}：超出偶然波动",
                figure(high),
                figure(low)
            )
        }
        Direction::Rose => {
            format!(
                "{points}（95%区间：{}至{}）{relative}：超出偶然波动",
                figure(low),
                figure(high)
            )
        }
        Direction::NoClearChange => {
            format!("{points}（95%区间：{}至{}）：无明显变化", limit(low), limit(high))
        }
    }
}

fn side(share: f64) -> &'static str {
    if share < 0.0 { "低" } else { "高" }
}

/// The change as a share of the rate before; nothing where nothing failed before.
fn share_of_before(Relative { value, low, high }: Relative) -> String {
    let Some(value) = value else { return String::new() };
    let figure = |share: f64| format!("{}%", hundredths(share, 0));
    let signed = |share: f64| format!("{}{}", if share < 0.0 { "降" } else { "升" }, figure(share));
    let limits = match high {
        Some(high) if high < 0.0 => format!("{}至{}", figure(high), figure(low)),
        Some(high) if low > 0.0 => format!("{}至{}", figure(low), figure(high)),
        Some(high) => format!("{}至{}", signed(low), signed(high)),
        None if low > 0.0 => format!("至少{}", figure(low)),
        None => format!("{}以上，无上限", signed(low)),
    };
    let word = if value < 0.0 { "降幅" } else { "升幅" };
    format!("，{word}{}（95%区间：{limits}）", figure(value))
}

/// Why there is no comparison, where one was asked for.
fn missing(before: Before) -> String {
    match before {
        Before::NotAsked => String::new(),
        Before::NoSuchPeriod => "；此前没有可比的同类时段".into(),
        Before::Was(Measured { span, declared: 0, .. }, _) => {
            format!("；{}没有申报，无从比较", name(span))
        }
        Before::Was(Measured { span, .. }, _) => format!("；{}没有检验，无从比较", name(span)),
    }
}

fn nothing(facts: &Facts) -> String {
    let Facts { goods, now, before } = facts;
    let what = if now.declared == 0 { "没有申报" } else { "没有检验" };
    let start = format!("{}{what}{}", name(now.span), goods.chinese());
    match before {
        Before::Was(Measured { span, rate: Some(rate), inspected, .. }, _)
            if *inspected >= TOO_FEW =>
        {
            format!("{start}；{}有{}不合格", name(*span), share(rate.value, facts.decimals()))
        }
        _ => start,
    }
}

fn too_few(facts: &Facts, rate: Limits) -> String {
    let Facts { goods, now, before } = facts;
    let limits = between(rate, 1);
    let (when, goods, inspected) = (name(now.span), goods.chinese(), now.inspected);
    let start =
        format!("{when}{goods}仅检验{inspected}批，不足以给出不合格率（95%区间：{limits}）");
    let rest = match before {
        Before::Was(Measured { span, .. }, Some(change)) => {
            let before = name(*span);
            match change.direction {
                Direction::Fell => format!("；仍低于{before}，超出偶然波动"),
                Direction::Rose => format!("；仍高于{before}，超出偶然波动"),
                Direction::NoClearChange => format!("；与{before}相比无明显变化"),
            }
        }
        before => missing(*before),
    };
    format!("{start}{rest}")
}

/// What to keep in mind.
fn notes(facts: &Facts) -> String {
    let [now, before] = facts.few();
    let before = before.map(|m| format!("{}仅检验{}批", name(m.span), m.inspected));
    let now = now.map(|m| format!("仅检验{}批", m.inspected));
    let open = facts.is_provisional().then(|| "结果尚未齐全".into());
    [now, before, open].into_iter().flatten().collect::<Vec<_>>().join("；")
}

fn share(share: f64, decimals: usize) -> String {
    format!("{}%", hundredths(share, decimals))
}

fn between(rate: Limits, decimals: usize) -> String {
    format!("{}至{}", share(rate.low, decimals), share(rate.high, decimals))
}

/// "2026年10月", "2026年10月1日至15日".
fn name(span: Span) -> String {
    let (first, last) = (span.first(), span.last());
    let year = first.year();
    if first == last {
        return day(first);
    }
    if !span.is_whole() {
        return match (year == last.year(), first.month() == last.month()) {
            (true, true) => format!("{}至{}日", day(first), last.day()),
            (true, false) => format!("{}至{}月{}日", day(first), last.month(), last.day()),
            _ => format!("{}至{}", day(first), day(last)),
        };
    }
    match span.period().kind() {
        PeriodKind::Day => day(first),
        PeriodKind::Week => format!("{}年第{}周", first.iso_week().year(), first.iso_week().week()),
        PeriodKind::Month => format!("{year}年{}月", first.month()),
        PeriodKind::Quarter => {
            let quarter = match first.month() {
                1 => "一",
                4 => "二",
                7 => "三",
                _ => "四",
            };
            format!("{year}年第{quarter}季度")
        }
        PeriodKind::Year => format!("{year}年"),
    }
}

fn day(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}
