"""Prints how many tests of irctest have passed, by group, from its report in JUnit's format.

Ends with an error if a test has failed.
"""

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict

# The group of each file of tests; files that are not listed are in `core`.
GROUPS = {
    "oper": ["help", "kill", "links", "mute_extban", "no_ctcp", "oper", "statusmsg", "wallops"],
    "ircv3": [
        "away_notify",
        "bot_mode",
        "cap",
        "echo_message",
        "labeled_responses",
        "message_tags",
        "monitor",
        "multi_prefix",
        "setname",
    ],
    "accounts": ["account_tag", "extended_join", "sasl"],
    "history": ["chathistory"],
    "websocket": ["websocket"],
    "draft": [
        "account_extban",
        "account_registration",
        "channel_rename",
        "metadata_3",
        "multiline",
        "read_marker",
        "redact",
    ],
}
OF_FILE = {file: group for group, files in GROUPS.items() for file in files}
ORDER = ["core", *GROUPS]


def group_of(class_path, name):
    """Returns the group of a test; WHOX and the tests of accounts have files with others."""
    *_, file, class_name = class_path.split(".")
    if "Services" in class_name:
        return "accounts"
    if "Whox" in name:
        return "ircv3"
    return OF_FILE.get(file, "core")


def main(path):
    outcomes = defaultdict(set)
    for case in ElementTree.parse(path).iter("testcase"):
        outcome = "passed"
        for child in case:
            if child.tag in ("failure", "error"):
                outcome = "failed"
            elif child.tag == "skipped":
                outcome = "skipped"
        # An error after a failure is reported as another case.
        outcomes[(case.get("classname"), case.get("name"))].add(outcome)
    counts = {group: Counter() for group in ORDER}
    for (class_name, name), found in sorted(outcomes.items()):
        outcome = "failed" if "failed" in found else "".join(found)
        counts[group_of(class_name, name)][outcome] += 1
        if outcome == "failed":
            print("FAILED", class_name, name)
    total = sum(counts.values(), Counter())
    line = "{:10} {:>6} {:>7} {:>7} {:>8}"
    print(line.format("group", "tests", "passed", "failed", "skipped"))
    for group, count in [*counts.items(), ("total", total)]:
        columns = (count["passed"], count["failed"], count["skipped"])
        print(line.format(group, sum(columns), *columns))
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
