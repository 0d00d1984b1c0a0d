"""Recomputes a draw of Breeze from its published files: python3 recompute.py FOLDER

FOLDER holds the five files of one revealed draw. Exit code 0: everything agrees; 1: something differs.
docs/method.md tells each step. Standard library only, and no code shared with the service, on purpose.
"""
import datetime, hashlib, hmac, pathlib, sys

U = 1 << 32  # the chance that is certainty
HEADER = ["breeze-draw", "office", "day", "round", "capacity", "floor_ppm", "closed_at", "policy",
          "risk_model", "entropy", "roster", "commitment"]
COLUMNS = "declaration_number stratum rule proportion_ppm factor take_all pi exporter".split()
CHAINS = {"quicknet": (1692803367, 3), "default": (1595431050, 30)}  # beacons: first round, seconds
SAMPLE = "position declaration_number ticket cumulated_from cumulated_to hit inspector".replace(" ", "\t")

def framed(*parts):
    parts = [part if isinstance(part, bytes) else part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)

H = lambda *parts: hashlib.sha256(framed(*parts)).digest()
HM = lambda key, *parts: hmac.new(key, framed(*parts), hashlib.sha256).digest()
number = lambda digest, size=8: int.from_bytes(digest[:size], "big")

def same(what, computed, published):
    if computed != published:
        if isinstance(computed, list):  # the first that differs is enough
            pairs = zip([*computed, "nothing"], [*published, "nothing"])
            computed, published = next((a, b) for a, b in pairs if a != b)
        raise ValueError(f"{what}: computed {computed!r}, published {published!r}")

def allocate(capacity, floor_ppm, rows):
    chance = {}
    for row in (row for row in rows if row["take_all"] == "0"):
        wanted = int(row["proportion_ppm"]) * int(row["factor"]) * U // (10**6 * 2**16)
        chance[row["declaration_number"]] = min(U, max(wanted, floor_ppm * U // 10**6, 1))
    room = max(capacity - (len(rows) - len(chance)), 1) * U
    whole, part = sum(chance.values()) - len(chance), room - len(chance)
    if whole > part:
        rest = {name: (q - 1) * part % whole for name, q in chance.items()}
        chance = {name: 1 + (q - 1) * part // whole for name, q in chance.items()}
        for name in sorted(chance, key=lambda name: (-rest[name], name))[: room - sum(chance.values())]:
            chance[name] += 1
    return [chance.get(row["declaration_number"], U) for row in rows]

def verify(folder):
    read = lambda name: (pathlib.Path(folder) / name).read_bytes()
    # The frame: twelve lines of header, a heading, the declarations.
    lines = read("frame.tsv").decode().split("\n")
    head = dict(line[1:].split("\t") for line in lines[:12])
    same("header of frame.tsv", [*HEADER, "v1"], [*head, head["breeze-draw"]])
    same("columns of frame.tsv", COLUMNS, lines[12].split("\t"))
    rows = [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines[13:-1]]
    same("order of frame.tsv", sorted({row[COLUMNS[0]] for row in rows}), [row[COLUMNS[0]] for row in rows])
    # Commitment, roster, secret and entropy are those that the header names.
    draw = head["office"], head["day"], head["round"]
    frame_sha256 = hashlib.sha256(read("frame.tsv")).hexdigest()
    same("commitment.txt", head["commitment"] + "\n", read("commitment.txt").decode())
    same("digest of roster.tsv", hashlib.sha256(read("roster.tsv")).hexdigest(), head["roster"])
    reveal = dict(line.split("\t") for line in read("reveal.txt").decode().splitlines())
    secret = bytes.fromhex(reveal["secret"])
    same("commitment", H("breeze/v1/commit", *draw, secret).hex(), head["commitment"])
    kind, *named = head["entropy"].split(":")
    if kind == "auditor" and reveal[kind] == "-":
        sys.exit("CLOSED: the auditor has not given the secret, so the seed cannot be recomputed")
    entropy = [] if kind == "none" else [bytes.fromhex(reveal[kind])]
    opened = [f"{key}\t{value.hex()}" for key, value in zip(("secret", kind), (secret, *entropy))]
    same("reveal.txt", [*opened, ""], read("reveal.txt").decode().split("\n"))
    if kind == "auditor":  # its commitment, and what it released on sight of the closed frame
        same("auditor", H("breeze/v1/auditor-commit", *draw, entropy[0]).hex(), named[0])
        entropy = [HM(entropy[0], "breeze/v1/auditor-release", frame_sha256)]
    if kind == "beacon" and named[0] in CHAINS:  # its value was not known at the closing
        (genesis, period), closed_at = CHAINS[named[0]], head["closed_at"].replace("Z", "+00:00")
        if genesis + (int(named[1]) - 1) * period <= datetime.datetime.fromisoformat(closed_at).timestamp():
            raise ValueError(f"round {named[1]} of {named[0]} came before the frame closed")
    # The chances follow from proportion, factor, floor, capacity and orders.
    for row, q in zip(rows, allocate(int(head["capacity"]), int(head["floor_ppm"]), rows)):
        same(f"chance of {row['declaration_number']}", str(q), row["pi"])
        row["q"] = q
    # The seed gives tickets, the order of the line, and the start; steps of one unit pick from it.
    seed = HM(secret, "breeze/v1/seed", *draw, *entropy)
    start = number(HM(seed, "breeze/v1/start"), 4)
    for row in rows:
        row["ticket"] = number(HM(seed, "breeze/v1/ticket", row["declaration_number"]))
        row["key"] = number(HM(seed, "breeze/v1/stratum", row["stratum"]))
    rows.sort(key=lambda row: (row["key"], row["stratum"], row["ticket"], row["declaration_number"]))
    drawn, end = [(row, "-", "-", "-") for row in rows if row["q"] == U], 0
    for row in (row for row in rows if row["q"] < U):
        begin, end = end, end + row["q"]
        hit = (begin + U - 1 - start) // U
        if hit * U + start < end:
            drawn.append((row, begin, end, hit))
    # Inspectors: the smallest lot among those with room and without conflict, in draw order.
    roster = [line.split("\t") for line in read("roster.tsv").decode().split("\n")[1:-1]]
    room = {who: int(places) for who, places, _ in roster}
    text = ["#breeze-draw\tv1", f"#seed\t{seed.hex()}", f"#start\t{start}", f"#frame\t{frame_sha256}", SAMPLE]
    for position, (row, *place) in enumerate(drawn, 1):
        name = row["declaration_number"]
        free = [who for who, _, no in roster if room[who] and row["exporter"] not in no.split(",")]
        who = min(free, key=lambda who: HM(seed, "breeze/v1/assign", name, who), default="-")
        room[who] = room.get(who, 1) - 1
        text += ["\t".join(map(str, [position, name, row["ticket"], *place, who]))]
    same("sample.tsv", [*text, ""], read("sample.tsv").decode().split("\n"))
    return f"{'-'.join(draw)}: {len(drawn)} of {len(rows)} drawn, entropy {kind}"

if __name__ == "__main__":
    try:
        print("AGREES:", verify(*sys.argv[1:2] or sys.exit(__doc__)))
    except OSError as missing:  # a file of the five, or the folder itself (unzip a bundle first)
        sys.exit(f"CANNOT READ: {missing}")
    except (ValueError, KeyError, IndexError) as difference:
        sys.exit(f"DIFFERS: {difference}")
