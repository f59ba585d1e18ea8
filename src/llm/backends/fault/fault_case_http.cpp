#include <array>

#include "llm/backends/fault/fault_case.hpp"

namespace scena::fault {
namespace {

using Where = FaultCase::Where;

constexpr std::size_t kBombBytes = 40u << 20;
constexpr std::size_t kManyFields = 2'000;
constexpr const char* kLoginPage =
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign "
    "in</h1></body></html>";

void whole(FaultDraft& draft, const char* type, std::string body) {
  draft.set_field("content-type", type);
  draft.whole_body = std::move(body);
  draft.framing = BodyFraming::length;
}

void redirect(FaultDraft& draft) {
  draft.status = 307;
  draft.set_field("location", "http://127.0.0.1:9/elsewhere");
  whole(draft, "text/plain", "Moved.");
}

void no_content(FaultDraft& draft) {
  draft.status = 204;
  draft.fields.clear();
  draft.whole_body = "";
  draft.framing = BodyFraming::none;
}

void short_body(FaultDraft& draft) {
  draft.framing = BodyFraming::length;
  std::size_t length = draft.whole_body ? draft.whole_body->size() : 0;
  for (const SseEvent& event : draft.events) length += frame_event(draft, event).size();
  draft.announced_length = length + 100;
  draft.ending = FaultEnding::close;
}

void many_fields(FaultDraft& draft) {
  for (std::size_t i = 0; i < kManyFields; ++i) {
    draft.fields.emplace_back("x-filler-" + std::to_string(i), std::string(60, 'f'));
  }
}

void broken_gzip(FaultDraft& draft) {
  draft.set_field("content-encoding", "gzip");
  whole(draft, "text/event-stream", "\x1F\x8B\x08" + std::string(40, '\x07'));
}

void gzip_bomb(FaultDraft& draft) {
  draft.gzip = true;
  draft.split = 16u << 10;
  draft.before_events = ":" + std::string(kBombBytes, ' ') + "\n";
}

constexpr std::array kHttpCases = std::to_array<FaultCase>({
    {"length", Where::any, "the body has a content-length", [](FaultDraft& d) { d.framing = BodyFraming::length; }},
    {"close", Where::any, "the body ends with the connection", [](FaultDraft& d) { d.framing = BodyFraming::close; }},
    {"bytewise", Where::any, "one byte a chunk", [](FaultDraft& d) { d.split = 1; }},
    {"one_read", Where::any, "all events in one chunk", [](FaultDraft& d) { d.one_piece = true; }},
    {"trailers", Where::any, "trailers behind the last chunk",
     [](FaultDraft& d) { d.trailers = "x-checksum: 1234\r\nx-more: yes\r\n"; }},
    {"continue", Where::any, "interim answers 100 and 103 come first",
     [](FaultDraft& d) {
       d.before_head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
     }},
    {"no_last_chunk", Where::any, "everything but the last chunk, then the connection closes",
     [](FaultDraft& d) {
       d.last_chunk = false;
       d.ending = FaultEnding::close;
     }},
    {"short_body", Where::any, "100 bytes fewer than content-length says", short_body},
    {"D26", Where::any, "status 200 with a page of HTML",
     [](FaultDraft& d) { whole(d, "text/html; charset=utf-8", kLoginPage); }},
    {"D26text", Where::any, "status 200 with a plain text error",
     [](FaultDraft& d) { whole(d, "text/plain", "upstream connect error or disconnect"); }},
    {"html502", Where::any, "status 502 with a page of HTML",
     [](FaultDraft& d) {
       d.status = 502;
       whole(d, "text/html", kLoginPage);
     }},
    {"no_content", Where::any, "status 204", no_content},
    {"redirect", Where::any, "status 307 to another port", redirect},
    {"wrong_type", Where::any, "the stream claims to be a picture",
     [](FaultDraft& d) { d.set_field("content-type", "image/png"); }},
    {"garbage", Where::any, "bytes that are no HTTP",
     [](FaultDraft& d) {
       d.raw = std::string("\x15\x03\x01\x00\x02\x02\x16 SSH-2.0-OpenSSH\r\n\r\n", 27);
       d.ending = FaultEnding::close;
     }},
    {"half_head", Where::any, "the connection closes inside the head",
     [](FaultDraft& d) {
       d.raw = "HTTP/1.1 200 OK\r\ncontent-ty";
       d.ending = FaultEnding::close;
     }},
    {"bad_chunk", Where::any, "a chunk size that is no number",
     [](FaultDraft& d) {
       d.raw = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\nhello\r\n";
       d.ending = FaultEnding::close;
     }},
    {"many_fields", Where::any, "2,000 header fields, above 128 KiB", many_fields},
    {"broken_gzip", Where::any, "claims gzip and is none", broken_gzip},
    {"gzip_bomb", Where::any, "40 MiB of comment in 40 KiB of gzip", gzip_bomb},
});

}  // namespace

std::span<const FaultCase> http_cases() noexcept {
  return kHttpCases;
}

}  // namespace scena::fault
