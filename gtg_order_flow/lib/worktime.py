"""Adding working hours or working days, given the intervals when people work."""

from datetime import timedelta


def add_hours(start, hours, intervals):
    """:param intervals: sorted [(from, to)] of working time, of the zone of `start`
    :return: when so many working hours have passed since `start`; None when the
        intervals end before
    """
    left = timedelta(hours=hours)
    for begin, end in intervals:
        begin = max(begin, start)
        if begin >= end:
            continue
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return None


def add_days(start, days, intervals):
    """:return: the end of the `days`-th working day that begins after `start`'s day;
    the end of the first working day from `start` on when `days` is 0
    """
    ends = {}
    for _begin, end in intervals:
        if end > start:
            ends[end.date()] = end
    later = [end for day, end in sorted(ends.items()) if day > start.date() or not days]
    wanted = max(days - 1, 0)
    return later[wanted] if len(later) > wanted else None


def end_of_work(start, days, cutoff, intervals):
    """:param int days: working days beside the one on which `start` counts
    :param float cutoff: hour of the day; what begins at or after it counts as of the
        next working day
    :return: the end of that working day; None when the intervals end before
    """
    late = start.hour + start.minute / 60 >= cutoff
    ends = {
        end.date(): end
        for _begin, end in intervals
        if end > start and not (late and end.date() == start.date())
    }
    return next(iter([ends[day] for day in sorted(ends)][days:]), None)
