"""Which words exclude each other and which mean the same, beside what WordNet tells: written by hand for talk at work, in shops, courts,
surgeries and parliaments. Sides of a pair, and members of a kind, are separated by "|", words of one side by blanks."""

OPPOSITES = """
available|unavailable gone sold
allowed permitted authorised authorized|forbidden banned prohibited
mandatory compulsory required obligatory|voluntary optional
included inclusive|extra excluded separately surcharge supplement
free gratis complimentary|fee charge surcharge payable paid
satisfied content happy pleased|dissatisfied unhappy disappointed angry
praise compliment|criticise criticize complain insult
support favour favor back|oppose reject against
ally friend|rival enemy opponent
report disclose reveal admit confess tell|conceal hide suppress cover
remember recall|forget
keep stay remain retain|leave quit go resign
stay remain keep|sack dismiss fire
hire recruit employ|sack dismiss fire
arrive come enter|leave depart exit
stop brake halt|continue proceed accelerate
continue resume|stop end finish cancel
open start launch begin|close shut end
win gain|lose
save|spend
earn gain profit|lose loss
profitable|unprofitable loss-making insolvent bankrupt
solvent|insolvent bankrupt broke
growth growing|decline shrinking recession
increase rise grow climb soar double|decrease decline fall drop shrink halve
higher|lower
more|fewer less
cheaper|dearer pricier
better improved|worse worsened
improve recover heal|worsen deteriorate
cured healed recovered healthy well|ill sick unwell
benign|malignant
mild slight|severe serious
acute|chronic
painful sore|painless
conscious awake|unconscious asleep fainted
alert focused|tired sleepy
calm relaxed|nervous anxious stressed panicking
confident|insecure shy unsure
outgoing sociable|shy introverted
lonely alone|accompanied together
married|single divorced widowed unmarried
pregnant|childless
vegetarian vegan|carnivore
sober teetotal|drunk intoxicated
fluent|rusty basic
experienced expert|inexperienced beginner novice unskilled
qualified certified licensed|unqualified unlicensed
punctual early|late delayed
fulltime full-time|parttime part-time
permanent|temporary casual fixed-term
employed|unemployed jobless redundant retired freelance self-employed
full|empty
sealed intact undamaged whole|broken damaged torn cracked dented scratched
locked|unlocked
switched on|off
online connected|offline disconnected
wired cable|wireless
waterproof|leaky
reliable dependable|unreliable
original genuine authentic real|fake forged counterfeit copy
brand-new new unused|used second-hand secondhand old
modern new|outdated old-fashioned obsolete
clean|dirty filthy
tidy|messy
quiet silent|noisy loud
dark night|light daylight bright
dry|wet damp rainy
sunny|cloudy rainy
warm hot|cold freezing cool
soft|firm hard
thick|thin
tight|loose
strong|weak
fast quick|slow
short brief|long lengthy
near close nearby|far distant remote
crowded busy full|empty deserted
public|private
secret confidential|public open
legal lawful|illegal unlawful
guilty|innocent
true correct right accurate|false wrong incorrect untrue
honest truthful|dishonest lying
innocent|culprit
voluntarily willingly|forced unwillingly
deliberate intentional purpose|accidental accident mistake
friendly kind polite helpful|rude unfriendly hostile nasty
lovely nice wonderful great|awful terrible horrible dreadful
generous|stingy mean
fair just|unfair unjust
safe secure|dangerous unsafe risky
easy simple|difficult hard complicated
possible|impossible
necessary needed|unnecessary superfluous
useful helpful|useless pointless
urgent|nonurgent
flexible|inflexible fixed rigid
negotiable|fixed final
refundable|nonrefundable
unlimited|limited
majority|minority
everyone everybody|nobody
everything|nothing
everywhere|nowhere
always|sometimes
often frequently regularly|rarely seldom hardly
usually|rarely
daily|occasionally rarely
indoors inside|outdoors outside
upstairs|downstairs
home indoors|away abroad
local domestic|foreign abroad overseas
abroad|home
central|outskirts
front|rear back
ahead|behind
buy purchase|sell
rent rented leased|own owned bought
lend|borrow
pay|owe
give donate|take receive
send|receive
accept agree approve sign|refuse reject decline turn
agree|disagree argue quarrel
argue quarrel row fight|agree
trust believe|doubt distrust mistrust
like love enjoy adore|hate dislike loathe detest
prefer|avoid
want|refuse
succeed pass|fail
attend present|absent miss
sleep asleep|awake
eat|starve fast
smoker|nonsmoker
drinker|teetotal
alive|dead died
left-wing|right-wing
war|peace
attack|defend
tax-free|taxed
raise|lower cut
extend|shorten
expand|shrink
build|demolish
keep preserve|demolish scrap abolish
introduce|abolish
allow permit|ban forbid prohibit
vote|abstain
elected|defeated
resign|stay remain
wealthy rich|poor broke
debt indebted|debt-free
excellent perfect flawless|faulty defective
working functioning|broken faulty dead
charged full|empty flat
careful|careless reckless
empty|occupied
occupied taken|vacant free
paid|unpaid
insured|uninsured
vaccinated|unvaccinated
married|bachelor
adult grown-up|child children
hardware|software
weekday weekdays|weekend saturday sunday
"""

KINDS = """
iphone apple ios|android samsung
mac macbook|windows pc
diesel|petrol gasoline|electric|hybrid
cash|card|cheque|transfer|invoice|paypal
owner landlord|tenant
email mail|phone telephone|letter post
office|home
walked foot|bus|train|taxi|car drove|bike bicycle|plane flew|ferry boat
breakfast|lunch|dinner
wife|husband|girlfriend|boyfriend|brother|sister|mother|father|son|daughter|uncle|aunt
blonde blond|brunette|ginger
beard|clean-shaven
knife|gun|hammer
monthly|weekly|daily|yearly annually
credit|debit
morning|afternoon|evening|night|noon
window|aisle
upper|lower
kitchen|bathroom|bedroom|garage|garden|cellar
chemistry|physics|biology|maths mathematics|history|economics|law|medicine|philosophy|engineering
liberal|conservative|socialist|green
freelance self-employed|employee employed
"""

SAME = """
warranty guarantee
salary wage pay income earnings
licence license permit
firm company business
flat apartment
holiday vacation
boss manager supervisor
colleague coworker
job position post
car vehicle
accident crash collision
money cash funds
phone mobile smartphone telephone
photo picture
doctor physician gp
pill tablet
operation surgery
baby infant
police cops
lawyer solicitor attorney
sack dismiss fire
purchase buy
return refund
discount rebate reduction
fee charge
price cost
ship deliver send dispatch
delivery shipping shipment
parcel package
begin start
finish end complete
complain complaint
complete finish
repair fix mend
error mistake fault
meeting appointment
argue quarrel row
candidate stand run
resign quit
vaccinated vaccination jab
swelling swollen
pain hurt ache sore
headache migraine
weed cannabis marijuana
marry married
unemployment unemployed jobless
pool swim
bicycle bike cyclist
garbage rubbish trash
autumn fall
quiet silent
assist help
trust believe
update upgrade
crash freeze
damaged broken torn
university college degree
reply answer respond
talk speak
"""

GENERAL = """
pet animal|dog cat hamster rabbit parrot budgie puppy kitten
child kid|son daughter boy girl baby toddler
sibling|brother sister
parent|mother father mum dad
relative family|brother sister mother father uncle aunt cousin son daughter
weapon gun|pistol rifle revolver shotgun
weapon|knife gun bomb
medicine medication drug|pill tablet antibiotic aspirin ibuprofen syrup painkiller insulin
alcohol drink|beer wine whisky vodka gin rum champagne cider
meat|steak beef chicken pork ham bacon lamb sausage burger
drug|cocaine heroin cannabis weed marijuana ecstasy
luggage baggage|suitcase bag backpack
staff employee personnel|worker nurse clerk waiter technician
vehicle|car van truck lorry motorbike motorcycle bus
device|phone laptop tablet computer printer router
debt|loan mortgage credit
damage|scratch dent crack
friend|mate buddy pal
visitor guest|friend relative
smoke|cigarette cigar
instrument|piano guitar violin drums
language|english french german spanish italian polish russian
furniture|table chair sofa bed
injury|wound fracture bruise cut
symptom|fever cough pain rash headache nausea
"""


def lists_of(table: str) -> list:
    """Each line as the words of its parts."""
    return [[part.split() for part in line.split("|")] for line in table.strip().splitlines()]
