#include "domain/analysis/analysis_json.hpp"

#include "base/text.hpp"

namespace scena {
namespace {

class AnalysisWriter {
 public:
  explicit AnalysisWriter(JsonWriter& writer) : writer_(writer) {}

  void write(const Analysis& analysis) {
    writer_.begin_object().member("source", analysis.source);
    text("provider", analysis.provider);
    text("model", analysis.model);
    text("fallback", analysis.fallback);
    writer_.member("summary", analysis.summary).member("last_seq", analysis.last_seq);
    writer_.member("messages", std::uint64_t{analysis.messages}).member("words", analysis.words);
    number("overall", analysis.overall);
    number("coverage", analysis.coverage);
    list("speakers", analysis.speakers);
    list("criteria", analysis.criteria);
    list("turning_points", analysis.turning_points);
    list("evasions", analysis.evasions);
    list("contradictions", analysis.contradictions);
    list("questions", analysis.questions);
    if (!analysis.escapes.empty()) list("escapes", analysis.escapes);
    list("sentiment", analysis.sentiment);
    writer_.member("rejected_quotes", std::uint64_t{analysis.rejected_quotes});
    if (analysis.judge) {
      writer_.key("judge");
      one(*analysis.judge);
    }
    writer_.end_object();
  }

 private:
  void text(std::string_view name, const std::string& value) {
    if (!value.empty()) writer_.member(name, value);
  }
  void number(std::string_view name, const std::optional<double>& value) {
    if (value) writer_.key(name).score(*value);
  }
  template <class T>
  void list(std::string_view name, const std::vector<T>& items) {
    writer_.key(name).begin_array();
    for (const T& item : items) one(item);
    writer_.end_array();
  }
  void quote(std::string_view name, const std::optional<AnalysisQuote>& value) {
    if (!value) return;
    writer_.key(name);
    one(*value);
  }

  void one(const AnalysisQuote& item) {
    writer_.begin_object().member("message", item.message).member("speaker", item.speaker);
    writer_.member("text", item.text).end_object();
  }
  void one(const AnalysisSpeaker& item) {
    writer_.begin_object().member("id", item.id).member("name", item.name);
    writer_.member("messages", std::uint64_t{item.messages}).member("words", item.words);
    writer_.key("talk_share").score(item.talk_share);
    writer_.member("questions", std::uint64_t{item.questions});
    number("sentiment", item.sentiment);
    number("engagement", item.engagement);
    number("evasiveness", item.evasiveness);
    list("detections", item.detections);
    writer_.end_object();
  }
  void one(const AnalysisDetection& item) {
    writer_.begin_object().member("what", item.what).member("label", item.label);
    writer_.key("confidence").score(item.confidence).key("messages").begin_array();
    for (const auto& message : item.messages) writer_.value(message);
    writer_.end_array().end_object();
  }
  void one(const AnalysisCriterion& item) {
    writer_.begin_object().member("id", item.id).member("title", item.title);
    writer_.member("weight", std::uint64_t{item.weight});
    if (item.score) writer_.member("score", *item.score);
    text("comment", item.comment);
    list("quotes", item.quotes);
    writer_.end_object();
  }
  void one(const AnalysisTurn& item) {
    writer_.begin_object().member("kind", item.kind);
    quote("quote", item.quote);
    number("before", item.before);
    number("after", item.after);
    text("comment", item.comment);
    writer_.end_object();
  }
  void one(const AnalysisEvasion& item) {
    writer_.begin_object();
    quote("question", item.question);
    quote("answer", item.answer);
    number("value", item.value);
    text("reason", item.reason);
    text("comment", item.comment);
    writer_.end_object();
  }
  void one(const AnalysisContradiction& item) {
    writer_.begin_object();
    quote("earlier", item.earlier);
    quote("later", item.later);
    number("value", item.value);
    text("reason", item.reason);
    text("comment", item.comment);
    writer_.end_object();
  }
  void one(const AnalysisQuestion& item) {
    writer_.begin_object();
    text("id", item.id);
    writer_.member("text", item.text).member("status", item.status);
    writer_.key("coverage").score(item.coverage);
    quote("asked", item.asked);
    quote("answer", item.answer);
    writer_.end_object();
  }
  void one(const AnalysisEscape& item) {
    writer_.begin_object().member("step", item.step);
    writer_.member("count", std::uint64_t{item.count}).end_object();
  }
  void one(const AnalysisJudge& item) {
    writer_.begin_object().member("asked", std::uint64_t{item.asked});
    writer_.member("judged", std::uint64_t{item.judged});
    writer_.member("failed", std::uint64_t{item.failed});
    list("agreement", item.agreement);
    writer_.end_object();
  }
  void one(const MetricAgreement& item) {
    writer_.begin_object();
    write_agreement_members(writer_, item);
    writer_.end_object();
  }
  void one(const AnalysisPoint& item) {
    writer_.begin_object().member("message", item.message).member("speaker", item.speaker);
    writer_.key("value").score(item.value).end_object();
  }

  JsonWriter& writer_;
};

std::string text_at(const Json& json, const char* name) {
  return json.value(name, std::string());
}

std::optional<double> number_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return std::nullopt;
  return found->get<double>();
}

void read_one(const Json& json, AnalysisQuote& item) {
  item = {json.at("message").get<std::string>(), json.at("speaker").get<std::string>(),
          json.at("text").get<std::string>()};
}

std::optional<AnalysisQuote> quote_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return std::nullopt;
  AnalysisQuote quote;
  read_one(*found, quote);
  return quote;
}

template <class T>
void read_list(const Json& json, const char* name, std::vector<T>& out);

void read_one(const Json& json, AnalysisDetection& item) {
  item.what = json.at("what").get<std::string>();
  item.label = json.at("label").get<std::string>();
  item.confidence = json.at("confidence").get<double>();
  item.messages = json.value("messages", std::vector<std::string>());
}

void read_one(const Json& json, AnalysisSpeaker& item) {
  item.id = json.at("id").get<std::string>();
  item.name = text_at(json, "name");
  item.messages = json.value("messages", 0u);
  item.words = json.value("words", std::uint64_t{0});
  item.talk_share = json.value("talk_share", 0.0);
  item.questions = json.value("questions", 0u);
  item.sentiment = number_at(json, "sentiment");
  item.engagement = number_at(json, "engagement");
  item.evasiveness = number_at(json, "evasiveness");
  read_list(json, "detections", item.detections);
}

void read_one(const Json& json, AnalysisCriterion& item) {
  item.id = json.at("id").get<std::string>();
  item.title = text_at(json, "title");
  item.weight = json.value("weight", 1u);
  if (const auto found = json.find("score"); found != json.end()) item.score = found->get<int>();
  item.comment = text_at(json, "comment");
  read_list(json, "quotes", item.quotes);
}

void read_one(const Json& json, AnalysisTurn& item) {
  item.kind = json.at("kind").get<std::string>();
  read_one(json.at("quote"), item.quote);
  item.before = number_at(json, "before");
  item.after = number_at(json, "after");
  item.comment = text_at(json, "comment");
}

void read_one(const Json& json, AnalysisEvasion& item) {
  item.question = quote_at(json, "question");
  read_one(json.at("answer"), item.answer);
  item.value = number_at(json, "value");
  item.reason = text_at(json, "reason");
  item.comment = text_at(json, "comment");
}

void read_one(const Json& json, AnalysisContradiction& item) {
  read_one(json.at("earlier"), item.earlier);
  read_one(json.at("later"), item.later);
  item.value = number_at(json, "value");
  item.reason = text_at(json, "reason");
  item.comment = text_at(json, "comment");
}

void read_one(const Json& json, AnalysisQuestion& item) {
  item.id = text_at(json, "id");
  item.text = json.at("text").get<std::string>();
  item.status = json.at("status").get<std::string>();
  item.coverage = json.value("coverage", 0.0);
  item.asked = quote_at(json, "asked");
  item.answer = quote_at(json, "answer");
}

void read_one(const Json& json, AnalysisEscape& item) {
  item.step = text_at(json, "step");
  item.count = json.value("count", 0u);
}

void read_one(const Json& json, MetricAgreement& item) {
  item.metric = json.at("metric").get<std::string>();
  item.messages = json.value("messages", std::uint64_t{0});
  item.difference = json.value("difference", 0.0);
  item.correlation = number_at(json, "correlation");
  item.labelled = json.value("labelled", std::uint64_t{0});
  item.same_label = number_at(json, "same_label");
  item.kappa = number_at(json, "kappa");
}

void read_one(const Json& json, AnalysisPoint& item) {
  item.message = json.at("message").get<std::string>();
  item.speaker = json.at("speaker").get<std::string>();
  item.value = json.at("value").get<double>();
}

template <class T>
void read_list(const Json& json, const char* name, std::vector<T>& out) {
  const auto found = json.find(name);
  if (found == json.end()) return;
  out.resize(found->size());
  for (std::size_t i = 0; i < out.size(); ++i) read_one(found->at(i), out[i]);
}

}  // namespace

void write_agreement_members(JsonWriter& writer, const MetricAgreement& agreement) {
  const auto number = [&writer](std::string_view name, const std::optional<double>& value) {
    if (value) writer.key(name).score(*value);
  };
  writer.member("metric", agreement.metric).member("messages", agreement.messages);
  number("difference", agreement.difference);
  number("correlation", agreement.correlation);
  writer.member("labelled", agreement.labelled);
  number("same_label", agreement.same_label);
  number("kappa", agreement.kappa);
}

void write_analysis(JsonWriter& writer, const Analysis& analysis) {
  AnalysisWriter(writer).write(analysis);
}

Analysis read_analysis(const Json& value) {
  Analysis analysis;
  analysis.source = value.at("source").get<std::string>();
  analysis.provider = text_at(value, "provider");
  analysis.model = text_at(value, "model");
  analysis.fallback = text_at(value, "fallback");
  analysis.summary = text_at(value, "summary");
  analysis.last_seq = value.value("last_seq", std::uint64_t{0});
  analysis.messages = value.value("messages", 0u);
  analysis.words = value.value("words", std::uint64_t{0});
  analysis.overall = number_at(value, "overall");
  analysis.coverage = number_at(value, "coverage");
  read_list(value, "speakers", analysis.speakers);
  read_list(value, "criteria", analysis.criteria);
  read_list(value, "turning_points", analysis.turning_points);
  read_list(value, "evasions", analysis.evasions);
  read_list(value, "contradictions", analysis.contradictions);
  read_list(value, "questions", analysis.questions);
  read_list(value, "escapes", analysis.escapes);
  read_list(value, "sentiment", analysis.sentiment);
  analysis.rejected_quotes = value.value("rejected_quotes", 0u);
  if (const auto judge = value.find("judge"); judge != value.end()) {
    AnalysisJudge& found = analysis.judge.emplace();
    found.asked = judge->value("asked", 0u);
    found.judged = judge->value("judged", 0u);
    found.failed = judge->value("failed", 0u);
    read_list(*judge, "agreement", found.agreement);
  }
  return analysis;
}

void settle_analysis(Analysis& analysis) {
  // The writer rounds and repairs; what it wrote is the settled form.
  std::string json;
  JsonWriter writer(json);
  write_analysis(writer, analysis);
  analysis = read_analysis(*parse_json(json, {.max_bytes = json.size()}));
}

std::string Analysis::to_json() const {
  std::string json;
  JsonWriter writer(json);
  write_analysis(writer, *this);
  return json;
}

Result<Analysis> Analysis::from_json(std::string_view json) {
  auto value = parse_json(json);
  if (!value) return value.error();
  try {
    return read_analysis(*value);
  } catch (const nlohmann::json::exception&) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "this is no analysis: a member is missing or of the wrong type; give what "
                        "Analysis::to_json() wrote");
  }
}

}  // namespace scena
