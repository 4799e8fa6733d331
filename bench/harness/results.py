"""Everything that was measured, and what could not be."""

from .programs import Failed


class Results:
    def __init__(self, machine, settings):
        self.machine = machine
        self.settings = settings
        self.experiments = {}
        self.counts = {}
        self.failures = {}
        self.skipped = {}
        self.micro = []
        self.seconds = 0.0

    def add(self, experiments):
        self.experiments.update({experiment.name: experiment for experiment in experiments})

    def experiment(self, name):
        return self.experiments.get(name)

    def count(self, name):
        return self.counts.get(name)

    def measure(self, name, function, *arguments):
        """Counts once; a failure is kept by name."""
        try:
            self.counts[name] = function(*arguments)
        except (Failed, OSError) as failure:
            self.failures[name] = str(failure)

    def all_failures(self):
        found = dict(self.failures)
        for experiment in self.experiments.values():
            for contestant, why in experiment.failures.items():
                found[f"{experiment.title}: {contestant}"] = why
        return found

    def disturbed(self):
        """(rounds repeated, rounds kept although disturbed, rounds in all)"""
        every = self.experiments.values()
        return (sum(len(e.disturbed) for e in every), sum(e.kept_disturbed for e in every),
                sum(len(e.samples) for e in every))

    def as_json(self, targets):
        repeated, kept, total = self.disturbed()
        return {
            "targets": [row.as_json() for row in targets],
            "machine": self.machine,
            "mode": "short" if self.settings.short else "full",
            "seconds": round(self.seconds),
            "rounds": {"total": total, "disturbed_and_repeated": repeated, "disturbed_and_kept": kept},
            "skipped": self.skipped,
            "failures": self.all_failures(),
            "counts": self.counts,
            "experiments": [self._experiment_as_json(experiment) for experiment in self.experiments.values()],
            "micro": self.micro,
        }

    @staticmethod
    def _experiment_as_json(experiment):
        def contestant(name):
            keys = [key for key in ("rate", "p50", "p90", "p99", "p99_9", "max", "cpu", "server_cpu")
                    if experiment.values(name, "rate") and all(key in s[name] for s in experiment.samples if name in s)]
            summary = {key: experiment.median(name, key) for key in keys}
            if experiment.reference:
                summary["ratio"] = experiment.ratio(name)
            return {**summary, "spread": experiment.spread(name), "rates": experiment.values(name)}
        return {"name": experiment.name, "title": experiment.title, "rounds": len(experiment.samples),
                "repeated": len(experiment.disturbed),
                "contestants": {name: contestant(name) for name in experiment.contestants if experiment.values(name)}}
