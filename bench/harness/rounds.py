"""Interleaved rounds: everything that is compared runs in every round, in turn; disturbed rounds are repeated."""

import resource
import statistics
import subprocess
import time

from .machine import Watch
from .programs import Failed

STEAL_LIMIT = 0.03     # share of a core that the hypervisor took away
FOREIGN_LIMIT = 0.15   # share of a core that other processes used
REFERENCE_LIMIT = 0.25  # how far the raw loop may be from its own median
REPEATS = 2  # of one round, before it is kept although disturbed


class Experiment:
    """Contestants under one load. `reference` is the contestant that shows whether a round was disturbed, and by which
    the others are divided; `contestants` maps names to functions that measure once."""

    def __init__(self, name, title, contestants, reference=None, rounds=None):
        self.name = name
        self.title = title
        self.contestants = contestants
        self.reference = reference
        self.rounds = rounds
        self.samples = []      # one {contestant: report} for each round
        self.disturbed = []  # the same, of the rounds that were repeated
        self.kept_disturbed = 0
        self.failures = {}

    def values(self, contestant, key="rate"):
        return [sample[contestant][key] for sample in self.samples if contestant in sample]

    def median(self, contestant, key="rate"):
        values = self.values(contestant, key)
        return statistics.median(values) if values else None

    def spread(self, contestant, key="rate"):
        """Half the difference between the smallest and the largest, as a share of the median."""
        values = self.values(contestant, key)
        middle = statistics.median(values) if values else 0
        return (max(values) - min(values)) / 2 / middle if middle else 0

    def ratio(self, contestant, other=None, key="rate"):
        """The median of the ratios within each round: what slows down a whole round cancels out."""
        other = other or self.reference
        pairs = [sample[contestant][key] / sample[other][key] for sample in self.samples
                 if contestant in sample and other in sample and sample[other][key]]
        return statistics.median(pairs) if pairs else None


class Rounds:
    """`patience` is the number of seconds for repeating rounds; `deadline` is when everything must end."""

    def __init__(self, field, say, patience, deadline):
        self.field = field
        self.say = say
        self.patience = patience
        self.deadline = deadline

    def run(self, experiments, count):
        for number in range(count):
            for experiment in experiments:
                if number < (experiment.rounds or count) and (number == 0 or time.monotonic() < self.deadline):
                    self._one_round(experiment, number)
                    self.say(f"round {number + 1} of {count}: {experiment.title}")
        for experiment in experiments:
            self._repeat_outliers(experiment)

    def _one_round(self, experiment, number):
        for attempt in range(REPEATS + 1):
            began = time.monotonic()
            sample, why = self._sample(experiment, number + attempt)
            self.patience -= time.monotonic() - began if attempt > 0 else 0
            if not why or attempt == REPEATS or self.patience <= 0:
                break
            experiment.disturbed.append(sample)
        experiment.kept_disturbed += 1 if why else 0
        experiment.samples.append(sample)

    def _repeat_outliers(self, experiment):
        """Repeats rounds in which the raw loop was far from its own median: they say nothing about the others."""
        if experiment.reference is None or len(experiment.samples) < 3:
            return
        middle = experiment.median(experiment.reference)
        for index, sample in enumerate(experiment.samples):
            for _ in range(REPEATS):
                off = abs(sample.get(experiment.reference, {"rate": 0})["rate"] / middle - 1) if middle else 0
                if off <= REFERENCE_LIMIT or self.patience <= 0:
                    break
                experiment.disturbed.append(sample)
                self.say(f"again, since the raw loop was {off:.0%} off: {experiment.title}")
                began = time.monotonic()
                sample = experiment.samples[index] = self._sample(experiment, index)[0]
                self.patience -= time.monotonic() - began

    def _sample(self, experiment, turn):
        names = list(experiment.contestants)
        names = names[turn % len(names):] + names[:turn % len(names)]  # rotate, so that none is always first
        watch, used = Watch(), self._own_seconds()
        sample = {}
        for name in names:
            try:
                sample[name] = experiment.contestants[name]()
            except (Failed, OSError, subprocess.SubprocessError) as failure:
                experiment.failures[name] = str(failure)
        steal, foreign = watch.end(self._own_seconds() - used)
        disturbed = steal > STEAL_LIMIT or foreign > FOREIGN_LIMIT
        return sample, f"steal {steal:.0%}, others {foreign:.0%}" if disturbed else ""

    def _own_seconds(self):
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = resource.getrusage(resource.RUSAGE_SELF)
        return (children.ru_utime + children.ru_stime + own.ru_utime + own.ru_stime +
                sum(server.seconds() for server in self.field.servers.values()))
