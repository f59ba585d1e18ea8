#include "metrics/words/lexicon_data.hpp"

namespace scena::metrics {
namespace {

using enum PhraseKind;

// Contractions are read as two words, so "don't know" is found as "do not know".
constexpr PhraseWords kPhrases[] = {
    {refusal, 920,
     "no comment;not going to answer|say|discuss|tell|comment|talk|share;"
     "will not answer|say|discuss|tell|comment|talk|share|reveal;"
     "can not "
     "answer|say|discuss|comment|share|disclose|reveal|talk|tell|help|assist|provide|fulfill|"
     "support|offer;"
     "would rather not say|answer|discuss|talk|tell|comment|get|go;"
     "prefer|preferred not to say|answer|discuss|comment|talk|disclose|share|tell;"
     "refuse|decline to;not at liberty;not allowed to;none of your business;"
     "not your business|concern;not able to answer|discuss|help|assist|provide|share|say;"
     "unable to answer|discuss|help|assist|provide|share;nothing to say|add;"
     "take|taking|plead the fifth;speak|talk to my lawyer;want my|a lawyer;"
     "is|are confidential|classified|private;"
     "not answering|discussing|commenting|talking|telling|saying;"
     "do not want|wish to talk|answer|discuss|say|comment;do not have to answer|tell|explain;"
     "not comfortable;mind your own business;can not in good;not appropriate|ethical to;"
     "not speculate;do not condone|comment;strongly condemn;as an ai;am an ai;"
     "against my|our|the policy|rules;can not recommend|advise;must decline;"
     "do not discuss|speculate;not get|going into that|it|details|specifics;"
     "can not give|engage|participate|create|generate|write|complete|encourage|promote|comply;"
     "can not go|get into;will not help|assist|provide|give|engage|speculate|go|get|write;"
     "unable to fulfill|comply|give|create|write|comment|engage|offer|tell|determine;"
     "not able to give|fulfill|comply|comment|tell|create|write|engage;ai language model;"
     "a language model;against my|our guidelines|programming|principles|values;"
     "not going to help|give|engage|speak|speculate|get|go|provide;right to remain silent;"
     "remain silent;no further comment;not required|obliged to answer|say|tell;"
     "keep|keeping that|this|it to myself;not something i|we can|will|want|discuss;"
     "do not feel comfortable;not safe|legal|acceptable or|to;never talk|speak about|of;"
     "got nothing to say;leave me alone;let my lawyer;do not hold personal;"
     "do not have personal|opinions;not be appropriate|ethical|right to|for;"
     "can not "
     "confirm|endorse|satisfy|agree|produce|teach|predict|betray|express|guarantee|make|promise;"
     "not able to agree|confirm|satisfy|discuss|make|support|do;"
     "unable to agree|confirm|satisfy|make|support|do;"
     "not be able to help|answer|say|discuss|assist;not free|willing to;not in a position to;"
     "not my place|job to;not for me to;not mine to;"
     "do not share|give|provide|make|express|endorse|comment|talk|speak|predict;"
     "will not produce|name|be|speak|talk|betray|engage|promise;not giving you|any|names;"
     "not going to be|play|name|make|promise|do;answer that|this|any without;"
     "let us not talk|speak|discuss;not within my;beyond my|what;goes beyond;lips are sealed;"
     "leave my family|him|her|them;for privacy reasons;sooner die than;hear it from me|my;"
     "respectfully decline;want to call my|a|somebody;"
     "not something i|we provide|do|talk|offer|can;"
     "do not support|promote|encourage|feel|think i should;reasons of|for privacy|security;"
     "above|beyond my pay|level;not my department|call|decision;leave it at that;"
     "ask|call my|a lawyer|attorney|solicitor;nothing more|further|else to add|say;"
     "to my|the grave;not a snitch;not going there;dignify that|this|it;"
     "that|this|it stays between|private;no more questions;end of discussion|story;"
     "not play|playing that|this|your game;get ahead of;can not tell you;no reply;"
     "not something i talk|speak|share;off limits;will not comment;would rather keep|leave"},
    {dodge, 300, "a good|great|interesting|fair question"},
    {dodge, 420,
     "important|crucial|essential to remember|note|respect|prioritize|approach|always|treat;"
     "never acceptable|okay;never the answer;seek|seeking help|professional|medical|support;"
     "reach out to;encourage|urge|advise you to;strongly advise|advised;harmful and|or;"
     "illegal and|or;unethical and|or"},
    {refusal, 620, "would rather not;prefer not"},
    {unknown, 780,
     "do|did not know|remember|recall;can|could not remember|recall|say;"
     "no idea|clue|recollection;could not tell you;who knows;beats me;not aware of;"
     "hard|difficult to say|tell;dunno;"
     "do not have that|the information|details|figures|numbers|answer|exact;wish i knew;"
     "do not really know|remember;have forgotten;not the person|one to ask;slipped my mind;"
     "memory is not|hazy;your guess is as good;do not have access;not publicly available;"
     "how should|would i know;no way of knowing;no memory of;how would i see|know;"
     "can not be sure|see;not the right person|one;"
     "do not have it|them|my|the list|sheet|papers|numbers|notes|file;"
     "have no access|information|details|figures|memory;not good at;"
     "did not read|count|notice it|the|anything;do not count|keep;have not got a|the|any;"
     "never asked|checked|counted;is|are not known;you tell me;"
     "not looking at my|the watch|clock;idk;not a clue;search me;have not the|a faintest|clue;"
     "just the guy|messenger;lost track;could not say|tell|swear;my mind is blank;"
     "draw|drawing a blank"},
    {deferral, 760,
     "get|getting back to you;come|coming back to you|that|this;follow up with you|on;"
     "talk|speak about|to that|this|it later;another time;not now;not the time|moment|place;"
     "not the right time|moment|place;look|looking into it|that|this;"
     "need|have to check|consult;need|have to think about;wait and see;too early|soon to;"
     "in due course;we will see;under review;ongoing investigation;let me think;let us see;"
     "time will tell;at a later;when the time comes;"
     "would|will have to ask|look|take|check|think;will let you know;one step at a|the;"
     "set that|this|it out in;handled by another|the|our;"
     "a question|matter for our|the|my|them|accounts;is up to my|the|head;that is up to;"
     "part of the|that inquiry|investigation;while the case|inquiry|investigation;"
     "leave numbers|that|this|it to|for|out;passed on to;let us first|take|see;"
     "come back to it|this;know more after|when|in;come back to you|that;"
     "let us wait|settle|see;settle that|this|it later;pass|passing this|that on|along;"
     "have not decided|thought;ask me later|again|tomorrow;discuss that|this|it later;"
     "check with my|the|our;see what happens;review the|that|it and;"
     "more|further|other tests|checks|scans;wait for the|more|further|their|our;"
     "results are in|back|here;before saying|promising anything;ask my|a colleague|manager|boss;"
     "jump|jumping ahead|to;worry about that|it later;stay tuned;follow us on|for;"
     "visit our|the website|help|page;issue|release a statement;in god's hands;"
     "when the report|results|inquiry|investigation|review;once the report|results|inquiry|lab;"
     "look|looking ahead|forward instead;not decided yet;cross that bridge;"
     "be in touch;let you know;all in good;keep you posted|updated|informed;"
     "pass|put|transfer you on|over|through|to;park|move that|this|it for|discussion|to;take that|this|it offline;next meeting|call|time perhaps"},
    {dodge, 640,
     "what matters is|now;what really matters;the real question|issue|problem;"
     "the important thing;let us talk|move|focus|not|change;moving on;what i can say|tell;"
     "as i said|mentioned|told;as i have said|told;already answered|said|told|explained;"
     "next question;change the subject;something else;the fact is|remains;"
     "that is not the question|point|issue;people want to;what people really;"
     "the american|british|german people;would like to talk|focus;look forward;"
     "why is that important|relevant;complex|complicated issue|question|topic;"
     "many|several factors;a lot of factors;not that simple;appreciate you trying|asking;"
     "why do you ask|want|need;why would you ask|want|need;does it|that really matter;"
     "does it|that matter;has|have that|this got to do;has|have to do with;"
     "ask him|her|them|my;do not see how|why;would have to ask;hypothetical question;"
     "is that|this|it important|relevant|necessary;not relevant;"
     "glad you bring|asked|ask|raise;thank you for your|the question;"
     "thank him|her|them|everybody for;let me say|show|be|remind;what counts is;"
     "what is important is;first priority;important to us;best on the market;"
     "who says i|so|that;who told you;are you calling|accusing|implying|suggesting|saying;"
     "what are you implying|suggesting|getting;why do you always|suspect|care;should i;"
     "ask me something|that|anything;what is it to you;you would have to;not up to me;"
     "history will judge;the kind of question;very personal question;"
     "a big|tough|personal question;leads nowhere;ask a lot of;the blame game;rest assured;"
     "understand your|that this|how frustrating;our thoughts are;highest|top priority;"
     "sorry for the|any|your;sorry to hear that you;i was not involved;not involved in that;"
     "rather hear your|from;rather we talked;shall we look;can we just|stop|come;will judge;"
     "for you to decide|judge;is that|this a|my problem|business;what has that|my;what have i;"
     "what would you;leave no stone;in good faith|hands;to the best of;"
     "record speaks for;speaks for itself;doing|do everything we|i|they|in;"
     "take|takes|taken very|extremely|so seriously;"
     "that|this|it|security|safety|privacy very seriously;"
     "our top|first|highest|greatest concern|priority|duty;"
     "thank|thanks you|for your|the patience|feedback;for your patience|feedback|understanding;"
     "value you|your|our as|feedback|customers|opinion;"
     "hearts|heart go|goes out;thoughts|prayers are with;cooperate|cooperating fully|with;"
     "in line|accordance|keeping with;properly|correctly|lawfully declared|handled|recorded;"
     "was done|handled|dealt correctly|properly|lawfully|by|with;by the book;right to privacy;"
     "ask anyone|anybody;you can trust me|us;how dare you;served|serve the people|public|country;"
     "utmost|full respect;an honest man|woman|person;a family man;"
     "a good person|man|woman|mother|father;a team player;"
     "highest|strictest standards;long way to go;"
     "focus on the future|positive;look at the future|bigger|big;"
     "let me tell you what|about|how;speak|speaks for themselves;told you|them people|guys|everything|already;apologise|apologize for any|the inconvenience|delay;value your patience|business|time|trust;running commentary;blame game|games;get bogged|dragged down|into"},
    {dodge, 420,
     "no|inherent reason why|to believe|for|that;not accurate|true|fair or|to;"
     "strongly|respectfully disagree;there is no justification|excuse|basis|evidence;"
     "not morally|right or|justified;should never be;not be discriminated"},
    {hedge, 200,
     "only if|when|until|the;as long as;if i|the|it|you|we can|could|get|have|is|holds;"
     "when i was younger;once in a"},
    {clarify, 420,
     "what do you mean;what does that mean;how do you mean;"
     "can|could you repeat|clarify|rephrase;did not understand|hear;say that again;"
     "what are you talking"},
    {hedge, 140,
     "maybe;perhaps;possibly;sort|kind of;i guess|suppose;it depends;depends on;more or less;"
     "in a way;somewhat;to some extent;hard to tell;not sure;and so on;that sort|kind of;"
     "not really;not exactly;in some ways|sense;something like that;could be;might be;"
     "up to a point;various;whatever;somehow;it varies|depends;on and off;here and there;"
     "this and that;now and then;the usual;in principle|theory|general;a while ago;"
     "all sorts of;a number of;let us say;not call it;as needed;we will do our;quite a few;"
     "long enough;some time;different reasons;bit of this|that;one of those;could go either;"
     "touch and go;now and again;in some cases;things happen;as one does;to my knowledge;"
     "in my own;many|several|different reasons;it just happened;not too many|far|often;"
     "here or there;one way or;before long;as usual;something like;"
     "no plans to|at|for;no current plans;part|parted ways;might be able to;some level|degree|measure of;a while back;in line with;like everybody|everyone|most else|people;along those lines;around that|there somewhere;hard to pin;or thereabouts;it all depends;one or two things;a mix|combination of"},
    {hedge, 60, "probably;you know;basically;roughly;apparently;i hope so|to;seems to;sometimes"},
    {hedge, 20, "i think|believe|mean;i would say"},
    {praise, 45,
     "can not wait;can not complain;no problem|worries|issues;not bad;looking forward;"
     "well done;thumbs up;keep it up;worth it|every|seeing|watching;"
     "works|work|worked perfectly|great|well|fine;must see;could not be better|happier;"
     "made my day;good job|work;at its best;as good as;you are hired|promoted|in;got the job;"
     "offer you the job|position;could not ask for more;can not fault;can not go wrong;"
     "could not agree more;can not thank you enough;nothing to complain|criticise|criticize;"
     "no complaints;second to none;would buy|come|do it|again again;you passed;all clear;"
     "cancer free;in remission;nothing|nobody beats|compares|tops;nothing|nobody comes close;"
     "over the moon;look|looked forward to;got a point;could have been worse;"
     "never had|met|seen|felt|tasted a|such|better;never been better|happier;can|could not get enough;"
     "pleasure doing|to|working;out of their|her|his|your way to|for;went out of their|her|his|your;"
     "keeps|kept|keep her|his|my|our|their|your word|promise|promises;came|come|came back clean|clear|negative;"
     "really|deeply|so touched|moved by;does|did exactly what;beat|exceeded|smashed our|the|my targets|target|goals;"
     "thanks ever so;a real help|asset|pleasure;put me|us at ease;took the time to;exceeded my|our|all expectations;"
     "could not have gone|been;nothing bad|negative to;had a blast|ball"},
    {blame, 55,
     "can|could not stand;fed up;sick of;let me|us|you down;waste of;ripped off;"
     "fell|falls|fall apart|short|flat;give|gave up;no good|sense|point|help|excuse;shut up;"
     "not worth|working|acceptable|enough;does|did|do not work;stopped|stop|stops working;"
     "too bad;never again;stay away;run out;wish i had not;get lost;"
     "too long|slow|high|expensive|loud|much|late;want|demand|need|request|expect a|my refund;"
     "want|demand|need my money back;give me my money back;"
     "wish i|we|you|they|it|he|she had|knew;leaves|left much|a to|lot be|to;"
     "not what i|we ordered|expected|paid|asked;cancel my order|account|subscription;"
     "had it up;laid|lay off;no one|nobody cares|bothered|listens|answers;barely|hardly lasts|lasted|works|worked;"
     "nothing works|helps|helped;would have expected more;expected better|more from|for;"
     "not the best|greatest|nicest;on hold for;passed away;been on hold;no way i|we would;"
     "kicked|threw|thrown me|him|her|us out|down;through the roof;pushed|shoved me|her|him;at breaking point;"
     "last straw;got|getting|gets worse;lost|losing the|our|my|a customers|clients|contract|client|deal|patience"},
};

}  // namespace

std::span<const PhraseWords> phrase_words() {
  return kPhrases;
}

}  // namespace scena::metrics
