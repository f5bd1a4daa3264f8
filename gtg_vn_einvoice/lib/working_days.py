"""Working days of the Vietnamese state: Monday to Friday without public holidays, and
the Saturdays that are worked in exchange for a bridge day."""

from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """
    :param frozenset off: holidays, whatever the day of the week
    :param frozenset worked: days at the weekend on which people work
    """

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_working(self, day):
        return day in self.worked or (day.weekday() < 5 and day not in self.off)

    def next(self, day):
        """The first working day after a day."""
        day += DAY
        while not self.is_working(day):
            day += DAY
        return day

    def late(self, deadline, today):
        """How many working days a deadline has been over; 0 on its own day.

        What went wrong on Friday is a day late on Saturday already: the day after a
        deadline counts as begun.
        """
        if today <= deadline:
            return 0
        weeks, rest = divmod((today - deadline).days, 7)
        days = weeks * 5 + sum(
            (deadline + n * DAY).weekday() < 5 for n in range(1, rest + 1))
        days -= sum(deadline < day <= today and day.weekday() < 5
                    and day not in self.worked for day in self.off)
        days += sum(deadline < day <= today and day.weekday() >= 5
                    for day in self.worked)
        return max(days, 1)

    def latest_deadline(self, late, today):
        """The latest day whose deadline is at least so many working days over.

        :param int late: 1 or more
        """
        day = today - DAY
        while self.late(day, today) < late:
            day -= DAY
        return day
