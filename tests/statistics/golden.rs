//! The golden vectors of estimate, interval and compare.

use breeze::statistics::interval::limits;
use breeze::statistics::{
    Class, Confidence, Estimate, Period, Rate, Response, Stratum, Sums, Tally, Target, change,
    decompose, rate, response_factors,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const ESTIMATE: &str = include_str!("../vectors/estimate.json");
const INTERVAL: &str = include_str!("../vectors/interval.json");
const COMPARE: &str = include_str!("../vectors/compare.json");

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    input: Value,
    expected: Value,
}

/// Runs every case that `check` feels concerned by and asserts how many there were.
fn run(vectors: &str, count: usize, check: impl Fn(&Case) -> bool) {
    let vectors: Vectors = serde_json::from_str(vectors).unwrap();
    let met = vectors.cases.iter().filter(|case| check(case)).count();
    assert_eq!(met, count, "cases met");
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

#[derive(Deserialize)]
struct Row {
    q: u64,
    failed: u8,
    class_drawn: u64,
    class_inspected: u64,
}

#[derive(Deserialize)]
struct FrameRows {
    q: u64,
    rows: u64,
}

#[derive(Deserialize)]
struct SumsRow {
    n: u64,
    failed: u64,
    w: f64,
    wy: f64,
    a: f64,
    ay: f64,
    b: f64,
    by: f64,
    #[serde(rename = "N")]
    rows: u64,
    u: f64,
}

impl From<SumsRow> for Sums {
    fn from(row: SumsRow) -> Self {
        let SumsRow { n, failed, w, wy, a, ay, b, by, rows, u } = row;
        Self { n, failed, w, wy, a, ay, b, by, rows, u }
    }
}

#[derive(Deserialize)]
struct RateRow {
    inspected: u64,
    failed: u64,
    observed: Option<f64>,
    estimated: Option<f64>,
    se: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    effective_n: Option<f64>,
}

/// Within relative 1e-9 or absolute 1e-12, as the vectors' head says.
fn near(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-12_f64.max(1e-9 * want.abs())
}

fn assert_near(got: f64, want: f64, what: &str) {
    assert!(near(got, want), "{what}: {got} is not {want}");
}

fn assert_within(got: f64, want: f64, what: &str) {
    assert!((got - want).abs() <= 1e-9, "{what}: {got} is not {want}");
}

fn assert_option(got: Option<f64>, want: Option<f64>, what: &str) {
    match (got, want) {
        (Some(got), Some(want)) => assert_near(got, want, what),
        (got, want) => assert_eq!(got, want, "{what}"),
    }
}

/// Rows of one class make a cell, which takes the class's factor; the cells add up.
fn sums_of(input: &Value) -> Sums {
    let mut frames = Tally::default();
    for frame in read::<Vec<FrameRows>>(&input["frame"]) {
        frames.add_frame(frame.q, frame.rows).unwrap();
    }
    let mut total = frames.sums();
    let rows: Vec<Row> = read(&input["items"]);
    for class in rows.chunk_by(|one, other| one.class_drawn == other.class_drawn) {
        let mut cell = Tally::default();
        class.iter().for_each(|row| cell.add_inspected(row.q, row.failed == 1).unwrap());
        let response = Response::new(class[0].class_drawn, class[0].class_inspected).unwrap();
        total += cell.sums().with_factor(response.factor().unwrap());
    }
    total
}

fn assert_sums(got: Sums, want: Sums, name: &str) {
    assert_eq!((got.n, got.failed, got.rows), (want.n, want.failed, want.rows), "{name}: counts");
    let pairs = [
        (got.w, want.w, "W"),
        (got.wy, want.wy, "WY"),
        (got.a, want.a, "A"),
        (got.ay, want.ay, "A1"),
        (got.b, want.b, "B"),
        (got.by, want.by, "B1"),
        (got.u, want.u, "u"),
    ];
    for (got, want, sum) in pairs {
        assert_near(got, want, &format!("{name}: {sum}"));
    }
}

fn assert_rate(got: &Rate, want: Option<RateRow>, name: &str) {
    let Some(want) = want else {
        let nothing = (got.inspected, got.failed, got.observed, got.estimated, got.effective_n);
        assert_eq!(nothing, (0, 0, None, None, None), "{name}");
        assert_eq!((got.standard_error, got.low, got.high), (None, None, None), "{name}");
        return;
    };
    assert_eq!((got.inspected, got.failed), (want.inspected, want.failed), "{name}");
    let pairs = [
        (got.observed, want.observed, "observed"),
        (got.estimated, want.estimated, "estimated"),
        (got.standard_error, want.se, "standard error"),
        (got.low, want.low, "low"),
        (got.high, want.high, "high"),
        (got.effective_n, want.effective_n, "effective n"),
    ];
    for (got, want, value) in pairs {
        assert_option(got, want, &format!("{name}: {value}"));
    }
}

#[test]
fn sums_and_rates_are_those_of_the_vectors() {
    run(ESTIMATE, 16, |case| {
        if case.input.get("items").is_none() {
            return false;
        }
        let sums = sums_of(&case.input);
        assert_sums(sums, read::<SumsRow>(&case.expected["statistics"]).into(), &case.name);
        for target in [Target::Declarations, Target::Process] {
            let name = format!("{}, {}", case.name, target.name());
            let got = rate(&sums, target, Confidence::NINETY_FIVE);
            let key = format!("rate_{}", target.name());
            assert_rate(&got, read(&case.expected[key.as_str()]), &name);
        }
        true
    });
}

#[derive(Deserialize)]
struct ClassRow {
    office: String,
    stratum: String,
    drawn: Option<u64>,
    inspected: Option<u64>,
}

impl ClassRow {
    fn response(&self) -> Option<Response> {
        Some(Response::new(self.drawn?, self.inspected?).unwrap())
    }
}

#[test]
fn response_factors_are_those_of_the_vectors() {
    run(ESTIMATE, 9, |case| {
        let Some(rows) = case.input.get("classes") else { return false };
        let rows: Vec<ClassRow> = read(rows);
        let class = |row: &ClassRow| (row.office.clone(), row.stratum.clone());
        let month: Vec<Class> = rows
            .iter()
            .map(|row| Class {
                office: &row.office,
                stratum: &row.stratum,
                response: row.response().unwrap(),
            })
            .collect();
        let want: Vec<ClassRow> = read(&case.expected["factors"]);
        assert!(rows.iter().map(class).eq(want.iter().map(class)), "{}: order", case.name);
        let want: Vec<_> = want.iter().map(ClassRow::response).collect();
        assert_eq!(response_factors(&month), want, "{}", case.name);
        true
    });
}

#[derive(Deserialize)]
struct IntervalRow {
    target: String,
    confidence: f64,
    low: f64,
    high: f64,
}

#[test]
fn intervals_are_those_of_the_vectors() {
    run(INTERVAL, 23, |case| {
        let sums = read::<SumsRow>(&case.input["statistics"]).into();
        let rows: Vec<IntervalRow> = read(&case.expected);
        for row in rows {
            let targets = [Target::Declarations, Target::Process];
            let target = targets.into_iter().find(|target| target.name() == row.target).unwrap();
            let confidence = Confidence::new(row.confidence).unwrap();
            let (low, high) = limits(&sums, target, confidence).unwrap();
            let name = format!("{}, {} {}", case.name, row.target, row.confidence);
            assert_within(low, row.low, &name);
            assert_within(high, row.high, &name);
        }
        true
    });
}

#[derive(Deserialize)]
struct EstimateRow {
    estimate: Option<f64>,
    low: f64,
    high: Option<f64>,
}

impl EstimateRow {
    fn bounded(&self) -> Estimate {
        Estimate { value: self.estimate.unwrap(), low: self.low, high: self.high.unwrap() }
    }
}

fn assert_estimate(got: &Estimate, want: &Estimate, name: &str) {
    assert_within(got.value, want.value, name);
    assert_within(got.low, want.low, name);
    assert_within(got.high, want.high, name);
}

#[test]
fn changes_are_those_of_the_vectors() {
    run(COMPARE, 13, |case| {
        let Some(now) = case.input.get("rate1") else { return false };
        let now = read::<EstimateRow>(now).bounded();
        let before = read::<EstimateRow>(&case.input["rate0"]).bounded();
        let got = change(&now, &before);
        let difference = read::<EstimateRow>(&case.expected["difference"]).bounded();
        assert_estimate(&got.difference, &difference, &case.name);
        let relative: EstimateRow = read(&case.expected["relative_change"]);
        assert_within(got.relative.low, relative.low, &case.name);
        assert_option(got.relative.value, relative.estimate, &case.name);
        assert_option(got.relative.high, relative.high, &case.name);
        true
    });
}

#[derive(Deserialize)]
struct StratumRow {
    declarations1: u64,
    statistics1: SumsRow,
    declarations0: u64,
    statistics0: SumsRow,
}

impl From<StratumRow> for Stratum {
    fn from(row: StratumRow) -> Self {
        Self {
            now: Period { declarations: row.declarations1, sums: row.statistics1.into() },
            before: Period { declarations: row.declarations0, sums: row.statistics0.into() },
        }
    }
}

#[derive(Deserialize)]
struct DecompositionRow {
    observed: f64,
    estimated: f64,
    targeting: f64,
    mix: f64,
    rate: f64,
    imbalance: f64,
    rate_low: f64,
    rate_high: f64,
}

#[test]
fn decompositions_are_those_of_the_vectors() {
    run(COMPARE, 7, |case| {
        let Some(strata) = case.input.get("strata") else { return false };
        let strata: Vec<Stratum> =
            read::<Vec<StratumRow>>(strata).into_iter().map(Stratum::from).collect();
        let got = decompose(&strata, Confidence::NINETY_FIVE).unwrap();
        let want: DecompositionRow = read(&case.expected["decomposition"]);
        let pairs = [
            (got.observed, want.observed),
            (got.estimated, want.estimated),
            (got.targeting, want.targeting),
            (got.mix, want.mix),
            (got.imbalance, want.imbalance),
        ];
        pairs.into_iter().for_each(|(got, want)| assert_within(got, want, &case.name));
        let rate = Estimate { value: want.rate, low: want.rate_low, high: want.rate_high };
        assert_estimate(&got.rate, &rate, &case.name);
        true
    });
}
