#include <array>

#include "shell/json_value.hpp"
#include "shell/spoken.hpp"
#include "shell/view.hpp"
#include "shell/wrap.hpp"

namespace scena::shell {
namespace {

constexpr std::size_t kIndent = 2;
constexpr const char* kDim = "2";
constexpr const char* kWarn = "33";
constexpr const char* kBad = "31";
// Of speakers, in the order of their appearance.
constexpr std::array kColours = {"1;36", "1;35", "1;33", "1;32", "1;34"};

class TerminalView final : public View {
 public:
  TerminalView(Console& console, const Preset& preset, bool typed)
      : console_(console), preset_(preset), typed_(typed), wrap_(console.width(), kIndent) {}

  void set_session(const SessionInfo& info) override {
    if (info_.id.empty()) {
      console_.line(console_.styled("1", printable(info.title)));
      console_.line(console_.styled(kDim, "session " + info.id));
    }
    info_ = info;
  }

  void show(const Event& event) override {
    const JsonValue data(event.data);
    if (event.type == "delta") {
      show_delta(event);
    } else if (event.type == "message.stored") {
      show_message(data["message"]);
    } else if (event.type == "metrics.stored") {
      show_scores(data);
    } else if (event.type == "turn.finished") {
      show_end(data);
    } else if (event.type == "session.completed") {
      note(kDim, "The conversation has ended (" + data["reason"].text() + ").");
    }
    console_.flush();
  }

  void ask(const std::string& name) override {
    console_.write("\n" + console_.styled(colour_of(name), printable(name)) + "\n> ");
    console_.flush();
  }

  void end(const std::string& summary) override {
    close_text();
    console_.line("");
    console_.line(console_.styled(kDim, summary));
    console_.flush();
  }

 private:
  void show_delta(const Event& event) {
    if (streaming_ != event.turn) {
      close_text();
      streaming_ = event.turn;
      open_text(event.actor);
    }
    console_.write(wrap_.add(printable(event.text)));
  }

  void show_message(const JsonValue& message) {
    speaker_ = message["speaker"].text();
    const std::string turn = message["turn"].text();
    const bool own = message["from_human"].flag();
    if (!turn.empty() && turn == streaming_ && !own) return close_text();
    if (own && typed_) return;
    close_text();
    open_text(speaker_);
    console_.write(wrap_.add(printable(text_of(message))));
    open_ = true;
    close_text();
  }

  static std::string text_of(const JsonValue& message) {
    std::string text = message["text"].text();
    for (const JsonValue& part : message["parts"].items()) text += part["text"].text();
    return text;
  }

  void show_scores(const JsonValue& data) {
    std::string line;
    for (const JsonValue& item : data["scores"].items()) {
      const MetricScore score{item["metric"].text(), item["value"].number(), 0, {}, {}};
      const std::string warning = warning_of(preset_, speaker_, score);
      if (!line.empty()) line += console_.styled(kDim, "  ");
      line +=
          console_.styled(warning.empty() ? kDim : kWarn, score.metric + " " + score_text(score));
      if (!warning.empty()) line += console_.styled(kWarn, " (" + printable(warning) + ")");
    }
    console_.line("  " + line);
  }

  void show_end(const JsonValue& data) {
    close_text();
    streaming_.clear();
    const std::string outcome = data["outcome"].text();
    if (outcome == "complete") return;
    const JsonValue error = data["error"];
    note(kBad, "[" + outcome + (error.exists() ? ": " + error["message"].text() : "") + "]");
  }

  void open_text(const std::string& participant) {
    const std::string name = name_of(info_, participant);
    console_.line("");
    console_.line(console_.styled(colour_of(name), printable(name)));
    open_ = true;
  }

  void close_text() {
    if (!open_) return;
    console_.line(wrap_.finish());
    open_ = false;
  }

  void note(const char* style, const std::string& text) {
    close_text();
    console_.line("  " + console_.styled(style, printable(text)));
  }

  std::string_view colour_of(const std::string& name) const {
    for (std::size_t i = 0; i < info_.participants.size(); ++i) {
      if (info_.participants[i].name == name) return kColours[i % kColours.size()];
    }
    return "1";
  }

  Console& console_;
  const Preset& preset_;
  bool typed_;
  SessionInfo info_;
  Wrap wrap_;
  std::string streaming_;  ///< The turn whose text is being printed.
  std::string speaker_;    ///< Of the message stored last: metrics follow it.
  bool open_ = false;      ///< A text is being printed; its last line has no end yet.
};

}  // namespace

std::unique_ptr<View> terminal_view(Console& console, const Preset& preset, bool typed) {
  return std::make_unique<TerminalView>(console, preset, typed);
}

}  // namespace scena::shell
