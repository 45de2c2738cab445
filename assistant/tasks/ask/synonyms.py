"""Words that people and documents use for the same thing, so that a question in one meets a sentence in the other.

One group a line, of single words; a word stands in one group. Chosen for council business in general: correspondence,
money, housing, waste, care, schools, planning, meetings. The product's own list, not taken from a thesaurus.
"""

from __future__ import annotations

from ingestion.words import stem

_GROUPS = """
end ends ended finish close closes closed until conclude expire last
start begin began commence launch introduce
cost price charge fee spend spent expenditure pay paid payable
owe owes owed arrears debt outstanding
phone telephone ring call mobile
send post submit return forward
reply respond response answer
buy purchase acquire
allowed permitted permission entitled eligible
forbidden prohibited banned banning
required compulsory mandatory
bin refuse rubbish waste
empty emptied collect collection collected
tip dump dumping
live lives lived reside resident residents residing
house home property dwelling
flat apartment
landlord owner
renter tenant leaseholder
move relocate rehouse
mend repair fix
check inspect inspection survey examine
broken faulty defective damaged
mould damp condensation
doctor gp
hospital ward
child children kid son daughter
mum mother
dad father
gran grandmother nan
hurt injure injury injured harm bruise bruised
hit struck slapped smacked
scared frightened afraid worried anxious concerned
missing absent absence
school academy nursery
teacher headteacher
attendance attended attend
meet meeting appointment
talk spoke speak discuss discussed discussion
agree agreed approve approved accept accepted
refuse refused reject rejected dismiss
vote voted votes voting
propose proposed move moved mover
second seconded seconder
against opposed objected objection object
support supported favour
reason reasons because grounds
decide decided decision resolve resolved
recommend recommended recommendation
complain complaint complained complaints
sorry apologise apology
compensation redress award
late overdue delay delayed
quick fast urgent emergency immediately
yearly annual annually
car vehicle van
park parking
road street highway lane
tree trees hedge
build built construct construction erect
extend extension
money funding fund grant budget
worker officer staff employee
job post role vacancy
old age aged
born birth
died death dead
letter notice
form application apply applied
"""

_GROUP_OF: dict[str, int] = {
    stem(word): number for number, line in enumerate(_GROUPS.strip().splitlines()) for word in reversed(line.split())
}


def group_of(word: str) -> int | None:
    """The number of the group that a stem belongs to, None when it is in none."""
    return _GROUP_OF.get(word)
