"""Three years of figures over a million interactions, against the bare SQL on the same rows.

    python -m benchmarks.figures [--database postgresql sqlite] [--interactions 1000000]

Each database is a temporary one of its own, as in benchmarks.database. The bare SQL counts the
same numbers, one GROUP BY week a source; of the metrics over all customers so far there is no
bare form that is not a query a period, so they are told apart. Seconds are of the processor,
ours and the server's, with parallel queries off.
"""

import argparse
import os
import subprocess
import sys

from benchmarks.database import database

WEEKS = {"sqlite": "date({day}, 'weekday 0', '-6 days')", "postgresql": "date_trunc('week', {day})"}
HOURS = {
    "sqlite": "(strftime('%s', {last}) - strftime('%s', {first})) / 3600.0",
    "postgresql": "extract(epoch FROM {last} - {first}) / 3600.0",
}
BARE = """
SELECT {due}, count(*), count(CASE WHEN done_on > due_on OR done_on IS NULL THEN 1 END)
  FROM customers_interaction WHERE kind = 'delivery' GROUP BY 1;
SELECT {due}, count(*), count(CASE WHEN done_on > due_on OR done_on IS NULL THEN 1 END)
  FROM customers_interaction WHERE kind = 'dispatch' GROUP BY 1;
SELECT {week}, count(*), count(CASE WHEN outcome = 'reopened' THEN 1 END), count(done_at),
    sum({hours}), sum(cost), count(CASE WHEN topic = 'complaint' THEN 1 END),
    count(CASE WHEN topic = 'billing' THEN 1 END), count(answered_at), sum({answer})
  FROM customers_interaction WHERE kind = 'ticket' GROUP BY 1;
SELECT {week}, count(DISTINCT r.customer_id)
  FROM customers_interaction i JOIN customers_sourcerecord r ON r.id = i.record_id
  WHERE kind = 'ticket' GROUP BY 1;
SELECT {week}, count(*), count(CASE WHEN outcome = 'corrected' THEN 1 END),
    count(CASE WHEN is_flagged THEN 1 END)
  FROM customers_interaction WHERE kind = 'invoice' GROUP BY 1;
SELECT {week}, count(*), sum(score), count(CASE WHEN score >= 90 THEN 1 END),
    count(CASE WHEN score <= 60 THEN 1 END)
  FROM customers_interaction WHERE kind = 'survey' AND score IS NOT NULL GROUP BY 1;
SELECT {week}, count(*), count(CASE WHEN outcome = 'accepted' THEN 1 END)
  FROM customers_interaction WHERE kind = 'offer' GROUP BY 1;
SELECT {week}, count(*), sum(cost)
  FROM customers_interaction WHERE cost IS NOT NULL GROUP BY 1;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", nargs="+", default=["postgresql", "sqlite"])
    parser.add_argument("--interactions", type=int, default=1_000_000)
    options = parser.parse_args()
    for kind in options.database:
        with database(kind) as environment:
            site = os.environ | environment | {"DJANGO_SETTINGS_MODULE": "clvsite.settings"}
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "-v0"],
                env=site,
                check=True,
            )
            command = [sys.executable, "-m", "benchmarks.site.figures", str(options.interactions)]
            subprocess.run(command, env=site, check=True)


if __name__ == "__main__":
    main()
