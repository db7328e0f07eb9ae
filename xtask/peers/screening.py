"""Screens the development queries with an open matcher, for `cargo xtask compare screen`.

Usage: screening.py SYSTEM DIRECTORY STRIDE, where SYSTEM is `logic-v1`, `logic-v2` or `rapidfuzz`; each
STRIDE-th query is asked. The first line of the output has what was used, each other line the matches of a
query, the best first. nomenklatura gets 50 candidates a query, as yente gives it by default: those with most
weight of words in common.
"""
import collections
import json
import math
import re
import resource
import sys
import time
import unicodedata

system, directory, stride = sys.argv[1], sys.argv[2], int(sys.argv[3])
CANDIDATES, MATCHES = 50, 10


def rows(name):
    with open(f"{directory}/{name}", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def words(text):
    from normality import ascii_text

    plain = ascii_text(unicodedata.normalize("NFKC", text)) or ""
    return [word for word in re.split(r"[^a-z0-9]+", plain.lower()) if word]


def nomenklatura(listed):
    from followthemoney import model
    from nomenklatura.matching import get_algorithm

    algorithm = get_algorithm(system)
    config = algorithm.default_config()
    proxies = {}
    index = collections.defaultdict(set)
    for row in listed:
        names = row["names"] + row["weak_names"]
        made = {"id": row["id"], "schema": row["schema"], "properties": {"name": names}}
        proxies[row["id"]] = model.get_proxy(made)
        for word in {w for name in names for w in words(name)}:
            index[word].add(row["id"])
            if len(word) > 5:
                index[word[:5]].add(row["id"])
    count = len(proxies)

    def screen(query):
        # Each query has an id of its own: logic-v2 remembers the names of an entity by its id, and would
        # compare every query as the first one.
        made = {"id": f"query-{query['id']}", "schema": query["schema"], "properties": {"name": [query["name"]]}}
        asked = model.get_proxy(made)
        sums = collections.Counter()
        found = set(words(query["name"]))
        for word in found | {w[:5] for w in found if len(w) > 5}:
            having = index.get(word, ())
            weight = math.log(1 + count / (1 + len(having)))
            for entity in having:
                sums[entity] += weight
        scored = []
        for entity, _ in sums.most_common(CANDIDATES):
            scored.append((algorithm.compare(asked, proxies[entity], config).score, entity))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        return [(entity, score) for score, entity in scored[:MATCHES]]

    return screen


def rapidfuzz(listed):
    from rapidfuzz import fuzz, process

    plain, owner = [], []
    for row in listed:
        for name in row["names"] + row["weak_names"]:
            plain.append(" ".join(sorted(words(name))))
            owner.append(row["id"])

    def screen(query):
        asked = " ".join(sorted(words(query["name"])))
        best = {}
        for _, score, at in process.extract(asked, plain, scorer=fuzz.ratio, limit=4 * MATCHES):
            best[owner[at]] = max(best.get(owner[at], 0.0), score / 100)
        return sorted(best.items(), key=lambda pair: -pair[1])[:MATCHES]

    return screen


listed = rows("list.jsonl")
screen = rapidfuzz(listed) if system == "rapidfuzz" else nomenklatura(listed)
queries = [q for n, q in enumerate(rows("queries.jsonl")) if n % stride == 0]
for query in queries[:20]:
    screen(query)
times, answers = [], []
for query in queries:
    before = time.thread_time()
    matches = screen(query)
    times.append(time.thread_time() - before)
    answers.append({"id": query["id"], "matches": matches})
times.sort()
used = {
    "queries": len(times),
    "queries_per_s": len(times) / sum(times),
    "p50_ms": 1e3 * times[len(times) // 2],
    "p99_ms": 1e3 * times[int(0.99 * (len(times) - 1))],
    "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}
print(json.dumps(used))
for answer in answers:
    print(json.dumps(answer))
