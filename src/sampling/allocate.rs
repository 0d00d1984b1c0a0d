//! What chance a declaration gets: π = proportion × risk factor, fitted to the capacity.
//!
//! A chance is an integer q in units of 2⁻³² (π = q / 2³²). What is asked is
//! `q = min(U, max(proportion_ppm · factor · U div (10⁶ · 2¹⁶), floor_ppm · U div 10⁶, 1))`, U = 2³².
//! Rows that a directive takes whole get U and are set aside. The others share
//! `room = max(capacity − #take-all, 1) · U`: chance never goes dark, even where orders fill the
//! day. If they ask for more, all shrink by one factor: with n rows, `whole = Σq − n`,
//! `part = room − n`, `q' = 1 + (q − 1) · part div whole`, and the units left go to the largest
//! remainders, equal ones in bytewise order of number. So the sum is exact, the order of chances
//! is kept, nobody gains and nobody falls to 0. Room that stays free is not filled.
//!
//! Rounding by largest remainders: Hamilton's method of apportionment.

/// The chance that is certainty: π = 1.
pub const CERTAIN: u64 = 1 << 32;

/// The risk factor 1.
pub const FACTOR_ONE: u32 = 1 << 16;

/// A proportion of 100 %, in millionths.
pub const WHOLE_PPM: u32 = 1_000_000;

/// One row of the frame, as far as its chance depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// Declaration number, once in a frame.
    pub number: &'a str,
    /// Proportion of the winning rule in millionths, 1…1,000,000.
    pub proportion_ppm: u32,
    /// Risk factor in units of 2⁻¹⁶, at least 1; [`FACTOR_ONE`] is 1.
    pub factor: u32,
    /// A directive takes this row whole.
    pub take_all: bool,
}

/// The chances of a frame, and how far the capacity reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// q of every row, in the order of the input: 1…2³².
    pub pi: Vec<u64>,
    /// How many rows a directive takes whole.
    pub take_all: usize,
    /// Σq that the other rows asked for.
    pub asked: u128,
    /// Σq that they got.
    pub given: u128,
}

impl Allocation {
    /// Whether the day asked for more than there was room.
    pub fn is_shrunk(&self) -> bool {
        self.given < self.asked
    }

    /// given / asked in millionths, rounded down; 1,000,000 where nothing was shrunk.
    pub fn shrink_ppm(&self) -> u32 {
        let parts = self.given * u128::from(WHOLE_PPM);
        parts.checked_div(self.asked).and_then(|ppm| u32::try_from(ppm).ok()).unwrap_or(WHOLE_PPM)
    }
}

/// Why no chances can be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllocateError {
    /// The floor is no proportion.
    #[error("floor_ppm is {0}, it must lie within 0…1,000,000")]
    Floor(u32),
    /// The proportion is none.
    #[error("{number}: proportion_ppm is {proportion_ppm}, it must lie within 1…1,000,000")]
    Proportion {
        /// Declaration number.
        number: String,
        /// What was given.
        proportion_ppm: u32,
    },
    /// A factor of 0 would put a declaration out of reach.
    #[error("{number}: factor is 0, it must be at least 1 (65,536 stands for 1)")]
    Factor {
        /// Declaration number.
        number: String,
    },
    /// The same declaration twice.
    #[error("{number} is listed twice, a declaration enters a frame once")]
    Twice {
        /// Declaration number.
        number: String,
    },
    /// 2³² rows or more.
    #[error("{0} rows, a frame holds fewer than 2^32")]
    TooManyRows(usize),
}

/// Gives every row its chance.
///
/// `capacity` is in inspections, `floor_ppm` in millionths (0…1,000,000). The answer does not
/// depend on the order of the rows. A floor above a proportion lifts the chance to the floor here;
/// refusing it is up to the policy.
///
/// # Errors
/// A floor, proportion or factor out of range, a number listed twice, 2³² rows or more.
///
/// ```
/// use breeze::sampling::allocate::{Candidate, FACTOR_ONE, allocate};
/// let row = |number| Candidate {
///     number, proportion_ppm: 1_000_000, factor: FACTOR_ONE, take_all: false,
/// };
/// let chances = allocate(1, 0, &[row("C"), row("A"), row("B")])?;
/// // One inspection for three: a third each, and the unit left goes to the first number.
/// assert_eq!(chances.pi, [1_431_655_765, 1_431_655_766, 1_431_655_765]);
/// # Ok::<(), breeze::sampling::allocate::AllocateError>(())
/// ```
pub fn allocate(
    capacity: u64,
    floor_ppm: u32,
    rows: &[Candidate],
) -> Result<Allocation, AllocateError> {
    check(floor_ppm, rows)?;
    check_once(rows)?;
    let mut pi: Vec<u64> = rows.iter().map(|row| asked(row, floor_ppm)).collect();
    let take_all = rows.iter().filter(|row| row.take_all).count();
    let asked = chance_sum(rows, &pi);
    let room = room(capacity, take_all);
    if asked > room {
        shrink(rows, &mut pi, asked, room);
    }
    let given = chance_sum(rows, &pi);
    Ok(Allocation { pi, take_all, asked, given })
}

fn check(floor_ppm: u32, rows: &[Candidate]) -> Result<(), AllocateError> {
    if floor_ppm > WHOLE_PPM {
        return Err(AllocateError::Floor(floor_ppm));
    }
    if u32::try_from(rows.len()).is_err() {
        return Err(AllocateError::TooManyRows(rows.len()));
    }
    for row in rows {
        let number = || row.number.to_owned();
        if !(1..=WHOLE_PPM).contains(&row.proportion_ppm) {
            let proportion_ppm = row.proportion_ppm;
            return Err(AllocateError::Proportion { number: number(), proportion_ppm });
        }
        if row.factor == 0 {
            return Err(AllocateError::Factor { number: number() });
        }
    }
    Ok(())
}

/// A number stands in a frame once. A closed frame is sorted, and then one look along it shows it.
fn check_once(rows: &[Candidate]) -> Result<(), AllocateError> {
    if rows.is_sorted_by(|a, b| a.number < b.number) {
        return Ok(());
    }
    let mut numbers: Vec<&str> = rows.iter().map(|row| row.number).collect();
    numbers.sort_unstable();
    match numbers.iter().zip(numbers.iter().skip(1)).find(|(a, b)| a == b) {
        Some((&number, _)) => Err(AllocateError::Twice { number: number.to_owned() }),
        None => Ok(()),
    }
}

/// q before shrinking.
fn asked(row: &Candidate, floor_ppm: u32) -> u64 {
    match row.take_all {
        true => CERTAIN,
        false => chance_asked(row.proportion_ppm, row.factor, floor_ppm),
    }
}

/// The chance that a row of a proportion and a factor asks for, in units of 2⁻³²: 1…2³², not below
/// the floor. What it gets is less on a day that asks for more than there is room.
pub fn chance_asked(proportion_ppm: u32, factor: u32, floor_ppm: u32) -> u64 {
    let whole = u128::from(CERTAIN);
    let million = u128::from(WHOLE_PPM);
    let wanted = u128::from(proportion_ppm) * u128::from(factor) * whole
        / (million * u128::from(FACTOR_ONE));
    let floor = u128::from(floor_ppm) * whole / million;
    u64::try_from(wanted.max(floor).max(1)).unwrap_or(CERTAIN).min(CERTAIN)
}

/// Σq of the rows that are left to chance.
fn chance_sum(rows: &[Candidate], pi: &[u64]) -> u128 {
    rows.iter().zip(pi).filter(|(row, _)| !row.take_all).map(|(_, &q)| u128::from(q)).sum()
}

fn room(capacity: u64, take_all: usize) -> u128 {
    let taken = u64::try_from(take_all).unwrap_or(u64::MAX);
    u128::from(capacity.saturating_sub(taken).max(1)) * u128::from(CERTAIN)
}

/// A row on its way to a smaller chance.
struct Share<'r> {
    number: &'r str,
    pi: &'r mut u64,
    remainder: u128,
}

/// Brings Σq of the chance rows down to `room` exactly; `asked` > `room` ≥ 2³² > rows.
fn shrink(rows: &[Candidate], pi: &mut [u64], asked: u128, room: u128) {
    let count = rows.iter().filter(|row| !row.take_all).count() as u128;
    let (whole, part) = (asked - count, room - count);
    let chance = rows.iter().zip(pi).filter(|(row, _)| !row.take_all);
    let mut shares: Vec<Share> = chance
        .map(|(row, pi)| {
            let scaled = u128::from(*pi - 1) * part;
            let quotient = scaled / whole;
            *pi = 1 + u64::try_from(quotient).unwrap_or(CERTAIN);
            // Cheaper than dividing again.
            Share { number: row.number, pi, remainder: scaled - quotient * whole }
        })
        .collect();
    hand_out(&mut shares, room);
}

/// Gives the units that rounding down left over, one each, to the largest remainders.
fn hand_out(shares: &mut [Share], room: u128) {
    let given: u128 = shares.iter().map(|share| u128::from(*share.pi)).sum();
    let left = usize::try_from(room - given).unwrap_or(usize::MAX);
    if (1..shares.len()).contains(&left) {
        // Only who is among the first `left` matters, not in which order.
        shares.select_nth_unstable_by(left, |a, b| {
            b.remainder.cmp(&a.remainder).then_with(|| a.number.cmp(b.number))
        });
    }
    for share in shares.iter_mut().take(left) {
        *share.pi += 1;
    }
}
