#include "cases/case_parts.hpp"

#include <stdexcept>
#include <vector>

#include "base/json_writer.hpp"
#include "cases/case_reader.hpp"

namespace scena::cases {
namespace {

class WordFilter final : public Filter {
 public:
  WordFilter(bool blocks, std::string word, std::string other)
      : blocks_(blocks), word_(std::move(word)), other_(std::move(other)) {}

  std::size_t hold_back() const noexcept override { return word_.size(); }
  void check_input(const FilterContext&, std::string_view text, Answer answer) override {
    answer(judge(text));
  }
  void check_output(const FilterContext&, std::string_view text, Answer answer) override {
    answer(judge(text));
  }

 private:
  FilterVerdict judge(std::string_view text) const {
    if (text.find(word_) == std::string_view::npos) return {};
    if (blocks_) return {FilterVerdict::Action::block, {}, "a word of the case"};
    std::string out(text);
    for (auto at = out.find(word_); at != std::string::npos;
         at = out.find(word_, at + other_.size()))
      out.replace(at, word_.size(), other_);
    return {FilterVerdict::Action::rewrite, std::move(out), "rewritten by the host"};
  }

  bool blocks_;
  std::string word_;
  std::string other_;
};

class MarkMeasurement final : public Measurement {
 public:
  explicit MarkMeasurement(std::string mark) : mark_(std::move(mark)) {}
  void add(std::string_view text) override { text_ += text; }
  void scores(std::vector<MetricScore>& out) override {
    MetricScore score;
    score.metric = "marks";
    score.confidence = 1;
    for (auto at = text_.find(mark_); at != std::string::npos;
         at = text_.find(mark_, at + mark_.size()))
      ++score.value;
    out.push_back(std::move(score));
  }

 private:
  std::string mark_;
  std::string text_;
};

class MarkSession final : public AnalyzerSession {
 public:
  explicit MarkSession(std::string mark) : mark_(std::move(mark)) {}
  std::unique_ptr<Measurement> begin(const MessageInfo&) override {
    return std::make_unique<MarkMeasurement>(mark_);
  }
  void keep(std::unique_ptr<Measurement>) override {}
  void forget_from(std::string_view) override {}

 private:
  std::string mark_;
};

class MarkAnalyzer final : public Analyzer {
 public:
  explicit MarkAnalyzer(std::string mark) : mark_(std::move(mark)) {}
  std::string_view name() const noexcept override { return "marks"; }
  std::unique_ptr<AnalyzerSession> open_session() const override {
    return std::make_unique<MarkSession>(mark_);
  }

 private:
  std::string mark_;
};

class FailingProvider final : public Provider {
 public:
  explicit FailingProvider(std::vector<ErrorCode> codes) : codes_(std::move(codes)) {}

  std::string_view name() const noexcept override { return "own"; }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    sink->on_start({.provider = "own", .model = request->model});
    const ErrorCode code = codes_[asked_++ % codes_.size()];
    sink->on_done({.outcome = Outcome::failed, .error = Error(code, "the service says so")});
  }
  Result<std::string> request_body(const ReplyRequest& request) const override {
    ReplyRequest asked = request;
    asked.context = {};
    return asked.to_json();
  }

 private:
  std::vector<ErrorCode> codes_;
  std::size_t asked_ = 0;
};

ErrorCode code_of(const std::string& name) {
  for (int code = 1; code <= static_cast<int>(ErrorCode::internal); ++code) {
    if (name == to_string(static_cast<ErrorCode>(code))) return static_cast<ErrorCode>(code);
  }
  wrong("no such code");
}

}  // namespace

void wrong(const std::string& what) {
  throw std::runtime_error(what);
}

std::string in_quotes(std::string_view text) {
  std::string out;
  JsonWriter::quote(out, text);
  return out;
}

std::shared_ptr<Provider> make_failing_provider(std::string_view rest) {
  std::vector<ErrorCode> codes;
  while (!rest.empty()) codes.push_back(code_of(take_word(rest)));
  return std::make_shared<FailingProvider>(std::move(codes));
}

std::shared_ptr<Filter> make_word_filter(std::string_view rest) {
  const std::string how = take_word(rest);
  const std::string word = take_word(rest);
  return std::make_shared<WordFilter>(how == "block", word, std::string(rest));
}

std::shared_ptr<Analyzer> make_mark_analyzer(std::string_view rest) {
  return std::make_shared<MarkAnalyzer>(std::string(rest));
}

}  // namespace scena::cases
