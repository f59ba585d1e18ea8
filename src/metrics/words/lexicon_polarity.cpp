#include "metrics/words/lexicon_data.hpp"

namespace scena::metrics {
namespace {

// Written for this engine: common words of talk, graded by how strongly they praise or blame.
constexpr ValuedWords kPolarity[] = {
    {85,
     "amazing awesome excellent fantastic wonderful brilliant superb outstanding magnificent "
     "masterpiece perfect phenomenal terrific marvelous marvellous exceptional extraordinary "
     "sublime stunning breathtaking love adore best bliss ecstatic thrilled"},
    {65,
     "beautiful delight delightful delicious great happy joy joyful fabulous gorgeous "
     "glorious impressive "
     "incredible lovely proud remarkable spectacular splendid triumph charming hilarious "
     "exciting excited enjoy fun celebrate genius masterful captivating compelling beautifully "
     "heartwarming enchanting dazzling exquisite treasure favorite favourite blessed yay "
     "congratulations magical passionate passion generous win victory winner grateful"},
    {50,
     "good glad nice pleased pleasant pleasure thank thanks thankful appreciate kind funny "
     "smart clever "
     "elegant friendly helpful smooth success succeed successful strong talented "
     "trust warm welcome wise witty worthy satisfied satisfying sweet cute inspiring "
     "inspire inspired entertaining engaging refreshing rewarding reliable rich "
     "sincere skilled creative fresh bright brave courage honest hero heroic hope hopeful "
     "improve improvement intelligent laugh smile peace peaceful power powerful praise "
     "precious "
     "profound relief relieved respect romantic beneficial benefit better better comfortable "
     "confident cool darling admire admirable accomplish achieve achievement affection "
     "thoughtful thrilling touching vivid vibrant wow fascinating fine-tuned flawless "
     "gem gentle gift grace graceful haha lol lmao lucky memorable moving original "
     "recommend superior tender valuable well-made solid stylish fortunate freedom elated "
     "eager "
     "amuse amusing amused attractive impress tasty excite fascinate gratify relax relaxing "
     "hurrah hooray"},
    {30,
     "able accept agree approve approved calm capable care careful caring clean clear comfort "
     "convenient correct cheerful decent definite deserve easy easily effective efficient "
     "energy energetic "
     "enthusiastic ensure fair faith fast favor favour fine forgive forgiven free gain "
     "gladly handy healthy help honor honour ideal important interest interested interesting "
     "intriguing joke like luck nicely okay ok optimistic patient playful pleasing polite "
     "popular positive promising promise prosper protect ready reasonable resolve resolved "
     "reward safe save secure simple sharp sensitive solution solve solved sophisticated "
     "special "
     "spirited support supportive sure surprise surprised useful usable value worth works "
     "thrive adequate advantage affordable agreeable assured authentic bonus cherish coherent "
     "compliment cozy dream durable fulfil fulfilling focused genuine growth humor humour "
     "innocent insight insightful novel progress quality quick satisfy satisfaction "
     "sane share sturdy subtle true truly tidy understanding wish cheers adorable sense "
     "kudos accurate ambitious appealing smoothly quickly gratitude "
     "lively poignant poetic innovative inventive witty engrossing crisp portable bargain "
     "compact benign remission"},
    {-30,
     "absence ache alone anxious argue argument avoid awkward bill blame bored boring break "
     "broke "
     "burden careless challenge cheap cheesy clash cold complain complaint complicated "
     "complex "
     "concern concerned confuse confused confusing costly cry cut damn danger delay delayed "
     "demanding deny difficult difficulty dirty disagree doubt dry dull dumb exhausted "
     "expensive "
     "fake fault flaw flawed forget forgot formulaic guilty hard heavy hell hesitate ignore "
     "ignored "
     "impatient impossible incomplete inconvenient issue jealous lack lacking late lazy "
     "lonely lose loss lost low lousy mess messy miss missing mistake mistaken "
     "nervous noisy odd old-fashioned overlong pity poor predictable pressure problem "
     "protest questionable refuse regret reject repetitive restless risk risky scattered "
     "shallow "
     "shock shocked shortage sick silly slow sloppy sorry strange stress stressed struggle "
     "stuck tension tired tiresome trouble unable unclear uncertain uncomfortable uneven "
     "unfortunately unlikely unnecessary unsure vague warn warning weak weird worry worried "
     "wrong unpaid fail-safe flat tepid bland cliche clumsy contrived plodding limited "
     "useless "
     "defect uninspired unoriginal derivative returned return broken stopped hmm meh"},
    {-55,
     "afraid aggressive anger angry annoy annoyed annoying arrogant ashamed attack bad "
     "badly bitter broken bully cheat cheated corrupt corruption crappy crisis criticize "
     "critical cruel damage "
     "damaged dangerous dead death deceive defeat defective depress depressed depressing "
     "desperate despise destroy die died disappoint disappointed disappointing disappointment "
     "dishonest dislike dismal disturbing dreadful embarrass embarrassing embarrassed enemy "
     "evil "
     "fail failed failure false fear fight fool foolish fraud frustrate frustrated "
     "frustrating "
     "frustration furious gloomy greed greedy grief guilt harm harmful harsh hopeless "
     "hostile hurt "
     "idiot idiotic ill illegal inept injury insult insulting irritate irritating kill lame "
     "lie liar mad mean-spirited mediocre misery miserable moron nasty negative neglect "
     "offensive outrage pain painful panic pathetic pointless poison poorly punish reckless "
     "resent rude ruin ruined ruining sad sadly sadness scam scare scared scary "
     "selfish shame shameful stupid suck suffer suffering suspicious terrified "
     "threat threaten tragedy tragic ugly unacceptable unfair unfriendly "
     "unhappy unpleasant unprofessional unreliable unsafe upset victim violent violence war "
     "waste "
     "wasted weep worse worthless wound incompetent inferior junk ugh crash crap crime "
     "criminal "
     "shoddy tedious unfunny unwatchable wreck wretched abandon absurd bogus bleak sinister "
     "frighten frightening bother ridiculous lifeless pretentious incoherent mindless "
     "manipulative nightmare terror terrorist"},
    {-80,
     "abuse abusive abysmal agony appalling atrocious awful betray betrayed betrayal "
     "catastrophe "
     "catastrophic despicable devastated devastating disaster disastrous disgrace "
     "disgraceful disgust "
     "disgusted disgusting excruciating garbage hate hateful hatred heartbroken horrible "
     "horrendous horrific horrified horror loathe monster murder nightmare rape repulsive "
     "revolting "
     "terrible terribly terrorism torture traumatic trash unbearable unforgivable vicious "
     "vile worst "
     "fuck fucking shit bitch bastard asshole wtf"},
    // Of products, films, service and news.
    {60, "mesmerizing riveting unforgettable enthralling stoked psyched"},
    {45,
     "seamless luminous endearing laudable commendable gripping dope thriving attentive "
     "knowledgeable dependable chuffed breakthrough"},
    {30,
     "comfy roomy sleek intuitive nuanced soaring booming healed prudent sensible principled "
     "spotless recovering truce ceasefire"},
    {-35,
     "pricey grainy outdated tacky cramped stained scratched cracked dented burnt greasy "
     "stale soggy stagnant stalemate impasse crackdown muddled convoluted cumbersome finicky "
     "clunky bloated swollen nauseous feverish throbbing knackered overworked forgettable"},
    {-55,
     "flimsy overpriced leaky wobbly laggy buggy glitchy tasteless undercooked overcooked "
     "grubby mouldy musty unresponsive unhelpful inattentive hassle cliched soulless "
     "hackneyed mawkish preachy vapid overwrought misguided crumbling negligence feckless "
     "unsustainable insolvent layoffs underpaid burnout relapse gutted bummed yikes eww "
     "cringe wack shady counterfeit rubbish letdown shambles filthy undelivered unanswered "
     "unreachable bribery famine drought malignant scammers"},
    {-80, "massacre slaughter atrocity genocide bloodshed"},
};

}  // namespace

std::span<const ValuedWords> polarity_words() {
  return kPolarity;
}

}  // namespace scena::metrics
