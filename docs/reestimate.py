"""Recomputes failure rates from a results file of Breeze: python3 reestimate.py FILE [target [column]]

FILE is what GET /v1/trends/results.csv or `breeze results-file` gave. target: declarations or process;
column: region, office, chapter or selection. Prints a month, the label, how many were inspected and
failed, the rate (Hajek) and its 95 % interval (weighted Clopper-Pearson), with commas. docs/method.md,
sections 7 to 10, tells each step. Standard library only, no code shared with the service, on purpose.
"""
import collections, csv, math, sys

U = 1 << 32  # the chance that is certainty

def beta_cdf(x, a, b):
    """The regularised incomplete beta function, by its continued fraction (Lentz's method)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    front = math.exp(a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b)
                     - math.lgamma(a) - math.lgamma(b)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 100_000):
        for step in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                     -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 / (1 + step * d)
            c = 1 + step / c
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * fraction

def beta_quantile(p, a, b):
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if beta_cdf(middle, a, b) < p else (low, middle)
    return low

def firm(drawn, inspected):
    return inspected == drawn or (inspected >= 5 and 5 * inspected >= drawn)

def total(pairs):
    return tuple(map(sum, zip((0, 0), *pairs)))

def responses(classes):
    """Of one month: (office, region) -> (drawn, inspected); what each uses, its own or a pool's."""
    use, weak = {}, []
    offices = sorted({office for office, _ in classes})
    for office in offices:
        own = {key: pair for key, pair in classes.items() if key[0] == office}
        pool = total(pair for pair in own.values() if not firm(*pair))
        for key, pair in own.items():
            if firm(*pool):
                use[key] = pair if firm(*pair) else pool
            else:
                use[key] = total(own.values()) if firm(*total(own.values())) else None
        if not firm(*pool) and not firm(*total(own.values())):
            weak.append(total(own.values()))
    for key in use:
        if not firm(*total(weak)):
            use[key] = total(classes.values())
        elif use[key] is None:
            use[key] = total(weak)
    return use

def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or "breeze/results/v1" not in rows[0]:
        sys.exit("no results file of version breeze/results/v1")
    return rows

def factors(rows):
    """(month, office, region) -> factor; recomputed where the file is whole, else as it states."""
    of = lambda kind: [row for row in rows if row["breeze/results/v1"] == kind]
    key = lambda row: (row["day"], row["office"], row["region"])
    used = {key(row): (int(row["drawn"]), int(row["inspected"])) for row in of("class")}
    if of("scope")[0]["state"] == "whole":
        months = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
        for row in of("item"):
            pair = months[row["day"]][row["office"], row["region"]]
            pair[0] += 1
            pair[1] += row["state"] in ("passed", "failed")
        used = {(month, *place): pair for month, classes in months.items()
                for place, pair in responses({k: tuple(v) for k, v in classes.items()}).items()}
    return {key: drawn / inspected for key, (drawn, inspected) in used.items() if inspected}

def cells(rows, column):
    """(month, label) -> the ten sums, each class with its factor."""
    factor, sums = factors(rows), collections.defaultdict(lambda: collections.Counter())
    for row in rows:
        cell = sums[row["day"], row.get(column, "")] if row["breeze/results/v1"] in ("frame", "item") else {}
        if row["breeze/results/v1"] == "frame":
            cell["N"] += int(row["rows"])
            cell["u"] += int(row["u"]) / 2**64
        if row["breeze/results/v1"] == "item" and row["state"] in ("passed", "failed"):
            c, q, y = factor[row["day"], row["office"], row["region"]], int(row["pi"]), row["state"] == "failed"
            w = U / q
            a, b = c * c * w * w - c * w, c * c * w * w
            if c == 1:
                a = w * ((U - q) / q)
            for name, value in zip(("n", "W", "A", "B"), (1, c * w, a, b)):
                cell[name] += value
                cell[name + "1"] += value * y
    return sums

def estimate(s, target):
    if not s["n"]:
        return None
    v, v1 = (s["A"], s["A1"]) if target == "declarations" else (s["B"], s["B1"])
    p, frame = s["W1"] / s["W"], s["u"] / s["N"]
    met, spread = s["B"] / s["W"], math.sqrt(max(s["A"], 0) * s["B"]) / s["W"]
    e = max(spread, math.sqrt(max(frame * (frame - 1), 0))) if target == "declarations" else max(met, frame)
    if e <= 0:
        return p, p, p
    limits = []
    for y, tail in ((0, 0.025), (1, 0.975)):
        m = (s["W1"] + y * e) / (s["W"] + e)
        if (y == 0 and not s["n1"]) or (y == 1 and s["n1"] == s["n"]):
            limits.append(float(y))
            continue
        square = (max((1 - 2 * m) * v1 + m * m * v, 0) + (e * (y - m)) ** 2) / (s["W"] + e) ** 2
        k = m * (1 - m) / square
        limits.append(beta_quantile(tail, m * k, (1 - m) * k))
    return p, min(limits[0], p), max(limits[1], p)

if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    path, target, column = (sys.argv[1:] + ["declarations", ""][len(sys.argv) - 2 :])[:3]
    if target not in ("declarations", "process") or column not in ("", "office", "region", "chapter", "selection"):
        sys.exit("reestimate.py FILE [declarations|process [office|region|chapter|selection]]")
    for (month, label), sums in sorted(cells(read(path), column).items()):
        found = estimate(sums, target) or ("", "", "")
        print(month[:7], label, sums["n"], sums["n1"], *found, sep=",")
