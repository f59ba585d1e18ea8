// How long a failure of the service asks to wait.
#include "provider_stage.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

TEST_CASE("retry-after is read as milliseconds, seconds and date, in that order") {
  auto delay = [](net::HttpFields headers) {
    return error_of(429, "{}", std::move(headers)).retry_after();
  };
  CHECK(delay({{"Retry-After-Ms", "1500"}, {"Retry-After", "7"}}) == 1500ms);
  CHECK(delay({{"Retry-After", "7"}}) == 7000ms);
  CHECK(delay({{"Retry-After", "0.25"}}) == 250ms);
  CHECK(delay({{"Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT"}}) == 30000ms);
  CHECK(delay({{"Retry-After", "Wed, 31 Dec 2025 00:00:00 GMT"}}) == 0ms);
  CHECK(delay({{"Retry-After", "Thursday, 01-Jan-26 00:00:20 GMT"}}) == 20000ms);
  CHECK(delay({{"Retry-After", "Thu Jan  1 00:00:10 2026"}}) == 10000ms);
  // A week's quota may have days to go; what is longer than any is cut.
  CHECK(delay({{"Retry-After-Ms", "302539000"}}) == 302539000ms);
  CHECK(delay({{"Retry-After", "302539"}}) == 302539000ms);
  CHECK(delay({{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"}}) == 31 * 24h);
  CHECK(delay({{"Retry-After", "99999999999"}}) == 31 * 24h);
  for (const char* wrong : {"", "soon", "-3", "nan", "1e3", "Thu, 31 Feb 2026 00:00:30 GMT",
                            "Thu, 01 Jan 2026 00:00:30 CET", "Thursday, 01-Jan-2x 00:00:20 GMT",
                            "Thu Jan  1 00:00:10 26", "Thu Jan 1x 00:00:10 2026"}) {
    CAPTURE(wrong);
    CHECK_FALSE(delay({{"Retry-After", wrong}}));
  }
}

TEST_CASE("a 429 without retry-after asks to wait until what is used up has room again") {
  auto delay = [](net::HttpFields headers, int status = 429) {
    return error_of(status, "{}", std::move(headers)).retry_after();
  };
  CHECK(delay({{"x-ratelimit-reset", "1767225607"}}) == 7000ms);
  CHECK(delay({{"anthropic-ratelimit-requests-remaining", "0"},
               {"anthropic-ratelimit-requests-reset", "2026-01-01T00:00:07Z"},
               {"anthropic-ratelimit-input-tokens-remaining", "5"},
               {"anthropic-ratelimit-input-tokens-reset", "2026-01-01T00:01:00Z"}}) == 7000ms);
  CHECK(delay({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "6m0s"}}) ==
        360000ms);
  CHECK(delay({{"x-ratelimit-remaining-requests", "0"},
               {"x-ratelimit-reset-requests", "6m0s"},
               {"retry-after", "2"}}) == 2000ms);
  CHECK_FALSE(
      delay({{"x-ratelimit-remaining-requests", "3"}, {"x-ratelimit-reset-requests", "6m0s"}}));
  CHECK(delay({{"x-ratelimit-limit-requests", "60"},
               {"x-ratelimit-remaining-requests", "0"},
               {"x-ratelimit-reset-requests", "6m0s"}}) == 6000ms);
  CHECK(delay({{"x-ratelimit-limit-tokens", "6000"},
               {"x-ratelimit-remaining-tokens", "0"},
               {"x-ratelimit-reset-tokens", "60"}}) == 60000ms);
  CHECK_FALSE(delay({{"x-ratelimit-reset", "1767225607"}}, 503));
  CHECK_FALSE(delay({{"x-ratelimit-reset", "1767225000"}}));
}

TEST_CASE("a 429 of a bucket of tokens asks for no wait, which the pacing knows by the call") {
  const auto error = [](const char* body) {
    return error_of(429, body,
                    {{"x-ratelimit-limit-tokens", "6000"},
                     {"x-ratelimit-remaining-tokens", "0"},
                     {"x-ratelimit-reset-tokens", "6m0s"}});
  };
  CHECK_FALSE(error("{}").retry_after());
  CHECK(error(R"({"error":{"message":"Please try again in 1.2s."}})").retry_after() == 1200ms);
}

TEST_CASE("what a 429's body asks for counts before the quotas of its head") {
  const Error error = error_of(429, R"({"error":{"message":"Please try again in 1.2s."}})",
                               {{"x-ratelimit-limit-requests", "60"},
                                {"x-ratelimit-remaining-requests", "0"},
                                {"x-ratelimit-reset-requests", "6m0s"}});
  CHECK(error.retry_after() == 1200ms);
}

TEST_CASE("a wait that only the body tells is in the error") {
  const auto wait = [](int status, std::string body) {
    return error_of(status, body).retry_after();
  };
  CHECK(wait(429, R"({"error":{"message":"Please try again in 1.2s. Visit x"}})") == 1200ms);
  CHECK(wait(429, R"({"error":{"message":"Try again in 6m0s, or try again in 1m2.5s"}})") ==
        360000ms);
  for (const char* words :
       {"Try again in 7 seconds", "Wait 7 seconds", "Retry after: 7 seconds", "WAIT FOR 7 s",
        "try again in 7 more seconds", "Waiting is no use. Try again in vain, or wait 7 secs.",
        "Rate limited; try again after 7 Seconds."}) {
    CAPTURE(words);
    CHECK(wait(429, R"({"message":")" + std::string(words) + "\"}") == 7000ms);
  }
  CHECK(wait(429, R"({"message":"try again in 3 days"})") == 72h);
  CHECK(wait(429, R"({"message":"try again in 99 days"})") == 31 * 24h);
  CHECK(wait(429, R"({"message":"try again in 2 hours"})") == 2h);
  CHECK_FALSE(wait(429, R"({"message":"try again in 7 meetings"})"));
  for (
      const char* member :
      {R"("retry_after":"7")", R"("retry_after":7)", R"("retry_after_seconds":7)",
       R"("retryAfter":7)", R"("retryAfter":"7s")", R"("retry_after_ms":"7000")",
       R"("metadata":{"headers":{"Retry-After":"7"}})",
       R"("metadata":{"headers":{"X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1767225607000"}})",
       R"("metadata":{"headers":{"X-RateLimit-Reset":1767225607}})"}) {
    CAPTURE(member);
    CHECK(wait(429, R"({"error":{"message":"m",)" + std::string(member) + "}}") == 7000ms);
  }
  CHECK_FALSE(wait(429, R"({"message":"m","retry_after":"soon"})"));
  CHECK_FALSE(
      wait(429, R"({"message":"m","metadata":{"headers":{"X-RateLimit-Reset":"1747094400"}}})"));
  CHECK(wait(429, R"({"message":"Your quota will reset after 1h16m48s."})") == 4608s);
  CHECK(wait(503, R"({"error":"Model m is currently loading","estimated_time":20.5})") == 20500ms);
  CHECK(wait(429, R"({"message":"please try again in 350 milliseconds"})") == 350ms);
  CHECK(wait(503, R"({"error":"loading","retry_after":20})") == 20000ms);
  CHECK(
      wait(
          429,
          R"([{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[)"
          R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"45.837906927s"}]}}])") ==
      45838ms);
  CHECK_FALSE(wait(429, R"({"error":{"message":"try again in the morning"}})"));
  CHECK_FALSE(wait(400, R"({"error":{"message":"try again in 5s"}})"));
  const Error day = error_of(
      429, R"({"error":{"code":429,"message":"m","details":[{"@type":"x/google.rpc.QuotaFailure",)"
           R"("violations":[{"quotaId":"GenerateRequestsPerDayPerProject"}]}]}})");
  CHECK(day.code() == ErrorCode::quota_exhausted);
}
