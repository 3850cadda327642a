"""thin"""


def write_table(trials):
    pass
