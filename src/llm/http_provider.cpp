#include "llm/http_provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "base/text.hpp"
#include "llm/array_reply.hpp"
#include "llm/line_reply.hpp"
#include "llm/pass_through.hpp"
#include "llm/provider_failure.hpp"
#include "llm/refusal_wait.hpp"
#include "llm/sse_reply.hpp"
#include "net/loop.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kMaxErrorBody = 64u << 10;
constexpr std::size_t kMaxForeignBody = 2u << 10;
// Local servers load a model before they answer; gateways queue.
constexpr std::chrono::seconds kPatientFirstByte{300};
// What may follow the end mark before the connection is given up instead of drained.
constexpr std::size_t kMaxDrain = 64u << 10;
constexpr std::size_t kMaxMediaEvent = 16u << 20;

std::string_view media_type(std::string_view content_type) {
  return trim(content_type.substr(0, content_type.find(';')));
}

bool is_json_type(std::string_view type) {
  return equals_ignore_case(type, "application/json") ||
         (type.size() > 5 && equals_ignore_case(type.substr(type.size() - 5), "+json"));
}

bool is_line_type(std::string_view type) {
  constexpr std::array<std::string_view, 4> kTypes = {
      "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"};
  return std::any_of(kTypes.begin(), kTypes.end(),
                     [type](std::string_view known) { return equals_ignore_case(type, known); });
}

// What may hold a reply under a wrong name ("binary/octet-stream", "json"); a picture or a sound
// does not.
bool is_media_type(std::string_view type) {
  constexpr std::array<std::string_view, 4> kMajors = {"image", "audio", "video", "font"};
  const std::string_view major = type.substr(0, type.find('/'));
  return std::any_of(kMajors.begin(), kMajors.end(),
                     [major](std::string_view media) { return equals_ignore_case(major, media); });
}

// Services refuse ids with other characters than ASCII or longer than this; the host names sessions
// as it likes.
std::string wire_id(std::string_view id) {
  std::string clean(id.substr(0, 512));
  for (char& c : clean) {
    if (c <= 0x20 || c >= 0x7F) c = '_';
  }
  return clean;
}

// Unless the host has set a limit of its own, pictures may come.
std::size_t max_event_bytes(const Vendor& vendor, const HttpConfig& limits) {
  const bool is_default = limits.max_line_bytes == HttpConfig{}.max_line_bytes;
  return vendor.has_inline_media() && is_default ? kMaxMediaEvent : limits.max_line_bytes;
}

// One exchange: decides by the head how the body is read, and stops the transport when the reply
// ended first.
class Exchange final : public net::HttpSink {
 public:
  Exchange(std::shared_ptr<const Vendor> vendor, const ReplyRequest& request,
           std::shared_ptr<ReplySink> sink, const ProviderContext& context,
           const std::stop_token& stop, std::vector<std::string> left_out)
      : vendor_(std::move(vendor)),
        clock_(context.clock),
        on_head_(context.on_head),
        max_body_(context.limits.max_body_bytes),
        streamed_(request.stream),
        reader_(vendor_->make_reader(request)),
        reply_(std::move(sink), vendor_->name(), request.max_bytes),
        events_(*reader_, reply_, max_event_bytes(*vendor_, context.limits)),
        lines_(*reader_, reply_, context.limits.max_line_bytes),
        array_(*reader_, reply_, max_event_bytes(*vendor_, context.limits)),
        relay_(stop, Relay{stopper_}) {
    if (on_head_) model_ = request.model;
    reply_.set_secrets(vendor_->secrets());
    reply_.set_asked_model(vendor_->asked_model(request));
    reply_.set_left_out(std::move(left_out));
  }

  std::stop_token stop_token() const { return stopper_.get_token(); }

  void on_head(const net::HttpHead& head) override {
    status_ = head.status;
    if (on_head_) on_head_(head, model_);
    const std::string_view again = trim(head.header("x-should-retry"));
    if (again == "true" || again == "false") reply_.set_try_again(again == "true");
    reply_.set_request_id(utf8_truncate(head.header(vendor_->request_id_field()), 128));
    if (status_ < 200 || status_ >= 300) {
      mode_ = Mode::refused;
      wait_.read_head(head, clock_.wall());
      return;
    }
    type_ = utf8_repair(utf8_truncate(media_type(head.header("content-type")), 64));
    if (status_ == 204) {
      return give_up(Error::fixed(
          ErrorCode::protocol, "the provider answered without content (HTTP 204); check base_url"));
    }
    enter(Mode::undecided);
  }

  void on_body(std::string_view bytes) override {
    const std::string_view held = begin_behind_mark(bytes);
    if (!held.empty()) read(held);
    if (!bytes.empty()) read(bytes);
  }

  void on_flush() override { reply_.flush(); }

  void on_end(const net::HttpEnd& end) override {
    if (reply_.finished()) return;
    const bool cancelled = end.error && end.error->code() == ErrorCode::cancelled;
    if (mode_ == Mode::events && !cancelled) {
      events_.finish(!end.error);
    } else if (mode_ == Mode::lines && !cancelled) {
      lines_.finish(!end.error);
    } else if (mode_ == Mode::array && !cancelled) {
      array_.finish();
    } else if (mode_ == Mode::whole && end.complete) {
      // Where the connection's end is the body's, half a document is a cut, which may be tried
      // again.
      if (!end.close_delimited || is_json_document(body_)) read_document();
    } else if (mode_ == Mode::refused && !cancelled) {
      refuse();
    } else if (mode_ == Mode::foreign && end.complete) {
      fail_as_foreign();
    } else if (end.complete && !(mode_ == Mode::undecided && is_event_stream())) {
      reply_.fail(Error::fixed(ErrorCode::protocol, "the provider's answer has no content"));
    }
    // JSON that the framing calls whole is a reply or it is none, also where it came by and by.
    const bool sized = end.complete && !end.close_delimited && is_json_type(type_);
    if (sized && (mode_ == Mode::lines || mode_ == Mode::array)) judge_document();
    reply_.finish(end);
  }

 private:
  // Takes a byte-order mark off the body's begin, whatever the body is and wherever the mark is
  // cut. Returns what looked like one in an earlier read and was none.
  std::string_view begin_behind_mark(std::string_view& bytes) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    while (mark_ < kMark.size() && !bytes.empty() && bytes.front() == kMark[mark_]) {
      bytes.remove_prefix(1);
      ++mark_;
    }
    if (mark_ >= kMark.size() || bytes.empty()) return {};
    return kMark.substr(0, std::exchange(mark_, kMark.size()));
  }

  void read(std::string_view bytes) {
    if (reply_.finished()) return drain(bytes.size());
    if (mode_ == Mode::undecided) enter(decide(bytes));
    switch (mode_) {
      case Mode::events:
        events_.feed(bytes);
        break;
      case Mode::lines:
        lines_.feed(bytes);
        break;
      case Mode::array:
        array_.feed(bytes);
        break;
      case Mode::whole:
        keep(bytes);
        break;
      case Mode::refused:
        body_.append(bytes.substr(0, kMaxErrorBody - body_.size()));
        if (body_.size() == kMaxErrorBody) refuse();
        break;
      case Mode::foreign:
        body_.append(bytes.substr(0, kMaxForeignBody - body_.size()));
        if (body_.size() == kMaxForeignBody) fail_as_foreign();
        break;
      case Mode::none:
      case Mode::undecided:
        break;
    }
    if (reply_.done()) end_early();
  }

  enum class Mode { none, undecided, events, lines, array, whole, foreign, refused };
  struct Relay {
    std::stop_source target;
    void operator()() { target.request_stop(); }
  };

  void enter(Mode mode) {
    mode_ = mode;
    const bool vague = mode == Mode::undecided || mode == Mode::lines;
    const bool stream =
        mode == Mode::events || (vague && (is_event_stream() || is_line_type(type_)));
    reply_.reading(stream ? FailurePoint::stream : FailurePoint::body);
  }

  bool is_event_stream() const {
    return equals_ignore_case(type_, "text/event-stream") || (type_.empty() && streamed_);
  }

  // What the body is, by its first byte that is not blank: some services send a whole answer or an
  // error where the head says a stream, and the other way round. JSON begins with none of the
  // letters that fields of a stream begin with.
  Mode decide(std::string_view bytes) const {
    const std::string_view begin = trim(bytes);
    if (begin.empty()) return Mode::undecided;
    if (is_media_type(type_)) return Mode::foreign;
    const char first = begin.front();
    const bool is_field = std::string_view(":deir").find(first) != std::string_view::npos;
    if (first == '{' || first == '[') return mode_of_json(first);
    if (is_event_stream() && !has_lines()) return Mode::events;
    if (is_line_type(type_) && has_lines()) return Mode::lines;
    if (is_json_type(type_) || type_.empty()) return is_field ? Mode::events : Mode::whole;
    return is_field ? Mode::events : Mode::foreign;
  }

  bool has_lines() const { return vendor_->stream_format() == StreamFormat::lines; }

  Mode mode_of_json(char first) const {
    if (has_lines() && (streamed_ || is_line_type(type_))) return Mode::lines;
    const bool grows = vendor_->stream_format() == StreamFormat::events_or_array && streamed_;
    return grows && first == '[' ? Mode::array : Mode::whole;
  }

  void fail_as_foreign() {
    reply_.reading(FailurePoint::none);
    reply_.fail(not_a_reply(
        fmt::format("the provider answered with content type \"{}\" in place of a reply", type_),
        body_, vendor_->secrets()));
  }

  void keep(std::string_view bytes) {
    if (body_.size() + bytes.size() > max_body_) {
      return reply_.fail(
          Error::fixed(ErrorCode::too_large, "the provider's answer is over max_body_bytes"));
    }
    body_.append(bytes);
  }

  void read_document() {
    const std::string_view begin = trim(body_).substr(0, 1);
    // Of other values than these, and of a list that is a failure, the words are told.
    const bool failures = begin == "[" && parse_failure(body_).is_error;
    if (!failures && (begin == "{" || begin == "[")) reader_->read_whole(body_, reply_);
    // Its framing tells that it is whole, also where it gives no reason for its end.
    if (reply_.has_delivered() && !reply_.has_failed()) reply_.complete();
    judge_document();
  }

  void judge_document() {
    if (reply_.is_complete() || reply_.has_delivered() || reply_.has_failed()) return;
    const FailureBody words = parse_failure(body_);
    reply_.fail(words.is_error ? provider_failure(0, words, vendor_->secrets())
                               : not_a_reply("the provider's answer is JSON, but no reply", body_,
                                             vendor_->secrets()));
  }

  void refuse() {
    const FailureBody body = parse_failure(body_);
    reply_.fail(
        provider_failure(status_, body, vendor_->secrets(), wait_.beside(body, clock_.wall())));
  }

  void give_up(Error error) {
    reply_.fail(std::move(error));
    end_early();
  }

  // The reply is decided. After a failure the connection is closed; after the end mark what little
  // may follow is read, so that the connection can be used again.
  void end_early() {
    const bool sound = reply_.is_complete();
    reply_.finish({});
    if (!sound) stopper_.request_stop();
  }

  void drain(std::size_t bytes) {
    drained_ += bytes;
    if (drained_ > kMaxDrain) stopper_.request_stop();
  }

  std::shared_ptr<const Vendor> vendor_;
  const Clock& clock_;
  std::function<void(const net::HttpHead&, const std::string& model)> on_head_;
  std::string model_;  // as the request has it
  std::size_t max_body_;
  bool streamed_;
  std::unique_ptr<ReplyReader> reader_;
  ReplyProgress reply_;
  SseReply events_;
  LineReply lines_;
  ArrayReply array_;
  std::stop_source stopper_;
  std::stop_callback<Relay> relay_;
  Mode mode_ = Mode::none;
  std::string type_;
  int status_ = 0;
  RefusalWait wait_;
  std::string body_;
  std::size_t mark_ = 0;  // bytes of a byte-order mark that have come
  std::size_t drained_ = 0;
};

}  // namespace

Result<FittedRequest> HttpProvider::fit(const ReplyRequest& request) const {
  Unsupported unsupported;
  vendor_->add_unsupported(request, unsupported);
  return fit_request(request, unsupported);
}

Result<std::string> HttpProvider::write(const ReplyRequest& fitted) const {
  auto body = vendor_->request_body(fitted);
  for (const std::string* more : {&context_.body, &fitted.extra.body}) {
    if (body && !more->empty()) body = lay_over(*body, *more);
  }
  return body;
}

Result<std::string> HttpProvider::request_body(const ReplyRequest& request) const {
  const auto fitted = fit(request);
  if (!fitted) return fitted.error();
  return write(fitted->changed ? *fitted->changed : request);
}

void HttpProvider::start(std::shared_ptr<const ReplyRequest> asked, std::shared_ptr<ReplySink> sink,
                         std::stop_token stop) {
  const auto fitted = fit(*asked);
  const ReplyRequest& request = fitted && fitted->changed ? *fitted->changed : *asked;
  auto body = !fitted        ? Result<std::string>(fitted.error())
              : request.body ? Result<std::string>(*request.body)
                             : write(request);
  const auto refuse = [&](const Error& error) {
    context_.loop.post([sink = std::move(sink), error] {
      sink->on_done({.outcome = Outcome::failed, .error = error});
    });
  };
  if (!body) return refuse(body.error());
  net::HttpRequest http = vendor_->http_request(request);
  Query query(request.extra.query.begin(), request.extra.query.end());
  query.insert(context_.query.begin(), context_.query.end());
  auto fine = check_headers(request.extra.headers);
  if (fine) fine = check_query(query, http.url.reveal());
  if (!fine) return refuse(fine.error());
  http.kind = vendor_->name();
  http.body = std::move(*body);
  add_query(http, query);
  if (!request.context.trace_id.empty())
    http.headers.emplace_back("X-Client-Request-Id", wire_id(request.context.trace_id));
  replace_headers(http, context_.headers);
  replace_headers(http, {request.extra.headers.begin(), request.extra.headers.end()});
  http.timeouts = request.timeouts;
  if (!http.timeouts.first_byte && !vendor_->is_official())
    http.timeouts.first_byte = kPatientFirstByte;
  http.max_header_bytes = context_.limits.max_header_bytes;
  http.max_body_bytes = context_.limits.max_body_bytes;
  auto exchange = std::make_shared<Exchange>(vendor_, request, std::move(sink), context_, stop,
                                             fitted->left_out);
  const std::stop_token own_stop = exchange->stop_token();
  context_.http.start(std::move(http), std::move(exchange), own_stop);
}

}  // namespace scena::llm
