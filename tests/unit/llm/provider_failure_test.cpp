// Which error a failure of the service is: its code and its words.
#include "provider_stage.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

TEST_CASE("each HTTP status becomes its error") {
  const std::string body =
      R"({"error":{"message":"no such thing","type":"x","param":null,"code":null}})";
  for (const auto& row : std::vector<std::pair<int, ErrorCode>>{{400, ErrorCode::invalid_argument},
                                                                {401, ErrorCode::unauthenticated},
                                                                {402, ErrorCode::quota_exhausted},
                                                                {403, ErrorCode::permission_denied},
                                                                {404, ErrorCode::not_found},
                                                                {408, ErrorCode::timeout},
                                                                {413, ErrorCode::too_large},
                                                                {422, ErrorCode::invalid_argument},
                                                                {429, ErrorCode::rate_limited},
                                                                {498, ErrorCode::unauthenticated},
                                                                {500, ErrorCode::provider_error},
                                                                {502, ErrorCode::provider_error},
                                                                {503, ErrorCode::provider_error},
                                                                {529, ErrorCode::overloaded},
                                                                {307, ErrorCode::protocol}}) {
    const auto [status, code] = row;
    CAPTURE(row.first);
    const Error error = error_of(status, body);
    CHECK(error.code() == code);
    CHECK(error.provider_status() == status);
    CHECK(std::string(error.what()).find("no such thing") != std::string::npos);
  }
}

TEST_CASE("words in the body say more than the status") {
  auto code = [](int status, std::string body) { return error_of(status, std::move(body)).code(); };
  CHECK(
      code(
          429,
          R"({"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}})") ==
      ErrorCode::quota_exhausted);
  CHECK(
      code(429, R"({"error":{"message":"m","type":"x","code":"project_spend_limit_exceeded"}})") ==
      ErrorCode::quota_exhausted);
  CHECK(code(400, R"({"error":{"message":"m","code":"context_length_exceeded"}})") ==
        ErrorCode::context_overflow);
  CHECK(
      code(
          400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 5"}})") ==
      ErrorCode::context_overflow);
  CHECK(code(500, R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})") ==
        ErrorCode::overloaded);
  for (const char* words :
       {"The input token count (9) exceeds the maximum number of tokens allowed (5).",
        "too many tokens: total number of tokens in the prompt cannot exceed 5"}) {
    CHECK(code(400, "{\"message\":\"" + std::string(words) + "\"}") == ErrorCode::context_overflow);
  }
  for (const char* word : {"model_not_found", "unknown_model"}) {
    CHECK(code(400, R"({"error":{"message":"m","code":")" + std::string(word) + "\"}}") ==
          ErrorCode::not_found);
  }
  CHECK(code(403, R"({"error":{"message":"m","code":"model_not_found"}})") ==
        ErrorCode::permission_denied);
  CHECK(code(503, R"({"error":{"code":503,"message":"The model is Overloaded."}})") ==
        ErrorCode::overloaded);
  CHECK(code(503, R"([{"error":{"code":503,"message":"This model is currently experiencing high )"
                  R"(demand.","status":"UNAVAILABLE"}}])") == ErrorCode::overloaded);
  CHECK(code(500, R"({"type":"error","error":{"type":"api_error","message":"Overloaded"}})") ==
        ErrorCode::overloaded);
  CHECK(code(200, R"({"type":"error","error":{"type":"api_error","message":"Overloaded"}})") ==
        ErrorCode::overloaded);
  CHECK(code(503, R"({"error":{"code":503,"message":"The model is away."}})") ==
        ErrorCode::provider_error);
  CHECK(code(400, R"([{"error":{"message":"array"}}])") == ErrorCode::invalid_argument);
  CHECK(code(500, "plain words") == ErrorCode::provider_error);
  CHECK(code(502, "<html>Bad Gateway</html>") == ErrorCode::provider_error);
}

TEST_CASE("a bad key and an empty account are seen under a status that says neither") {
  auto code = [](int status, std::string body) { return error_of(status, std::move(body)).code(); };
  for (
      const char* body :
      {R"({"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{"@type":)"
       R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}})",
       R"([{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}])",
       R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: k"})",
       R"({"error":{"message":"m","code":"invalid_api_key"}})"}) {
    CAPTURE(body);
    CHECK(code(400, body) == ErrorCode::unauthenticated);
  }
  CHECK(code(400, R"({"type":"error","error":{"type":"invalid_request_error","message":)"
                  R"("Your credit balance is too low to access the Anthropic API."}})") ==
        ErrorCode::quota_exhausted);
  CHECK(code(400, R"({"type":"error","error":{"type":"invalid_request_error","message":)"
                  R"("You have reached your specified API usage limits."}})") ==
        ErrorCode::quota_exhausted);
  CHECK(code(429, R"({"error":{"code":429,"message":"Your prepayment credits are depleted.",)"
                  R"("status":"RESOURCE_EXHAUSTED"}})") == ErrorCode::quota_exhausted);
  for (const std::string reason : {"BILLING_DISABLED", "QUOTA_EXHAUSTED"}) {
    const std::string body =
        R"({"error":{"message":"m","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
        R"("reason":")" +
        reason + R"("}]}})";
    CHECK(code(403, body) == ErrorCode::quota_exhausted);
    CHECK(code(429, body) == ErrorCode::quota_exhausted);
  }
  for (const auto& row : std::vector<std::pair<int, const char*>>{
           {403, R"({"code":30001,"message":"Sorry, your account balance is insufficient"})"},
           {403, R"({"code":403,"reason":"NOT_ENOUGH_BALANCE","message":"not enough balance"})"},
           {403,
            R"({"code":"no","error":"Your newly created teams doesn't have any credits yet."})"},
           {403, R"({"errors":[{"code":"token_quota_reached","message":"m"}],"status_code":403})"},
           {412, R"({"error":{"message":"Account a is suspended, possibly due to reaching the )"
                 R"(monthly spending limit or failure to pay past invoices."}})"},
           {429, R"({"success":false,"errors":[{"code":4006,"message":"AiError: you have used up )"
                 R"(your daily free allocation of 10,000 neurons"}]})"},
           {429, R"({"error":{"message":"账户余额不足","type":"new_api_error","code":"1113"}})"},
           {403, R"({"error":{"type":"AllocationQuota.FreeTierOnly","message":"m"}})"},
           {400, R"({"error":{"type":"budget_exceeded","message":"m","code":"400"}})"}}) {
    CAPTURE(row.second);
    CHECK(code(row.first, row.second) == ErrorCode::quota_exhausted);
  }
  CHECK(code(412, R"({"error":{"message":"m"}})") == ErrorCode::invalid_argument);
  CHECK(code(400, R"({"error":{"message":"the api key field is unknown"}})") ==
        ErrorCode::invalid_argument);
  CHECK(code(500, R"({"error":{"message":"invalid API key of ours"}})") ==
        ErrorCode::provider_error);
}

TEST_CASE("a prompt over the context is seen under every status that servers give it") {
  for (const char* words :
       {"the request exceeds the available context size, try increasing it",
        "Context size has been exceeded.",
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        "Trying to keep the first 4096 tokens when context the overflows. However, the model is "
        "loaded with context length of only 4096 tokens, which is not enough.",
        "The number of tokens to keep from the initial prompt is greater than the context "
        "length.",
        "too many tokens: size limit exceeded by 1000 tokens. Try using shorter or fewer inputs",
        "Please reduce the length of the messages or completion. Current length is 9000",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096.",
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
        "Range of input length should be [1, 30720]",
        "invalid params, context window exceeds limit (2013)",
        "Prompt exceeds max length",
        "The total tokens of image and text exceed max message tokens.",
        "Invalid request: Your request exceeded model token limit: 8192",
        "Requested tokens (5054) exceed context window of 4096",
        "prompt token count of 90000 exceeds the limit of 64000",
        "Unable to submit request because the input token count is 40000 but model only supports "
        "up to 32768. Reduce the input token count and try again.",
        "Input token length too long",
        "prompt too long; exceeded max context length by 12 tokens",
        "the input length exceeds the context length",
        "5021: The estimated number of input and maximum output tokens (8810) exceeded this model "
        "context window limit (8192)",
        "requested input length 9000 exceeds maximum input length 8191",
        "Input length 131393 exceeds the maximum allowed input length of 131040 tokens.",
        "The number of input tokens exceeds maximum length",
        "tokens in request more than max tokens allowed",
        "Prompt has 5,958,968 tokens, but the configured context size is 256,000 tokens",
        "length of prompt_tokens (68957) must be less than max_seq_len (65536).",
        "The sum of prompt length (9000.0), query length (0) should not exceed max_num_tokens (64)",
        "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000",
        "the number of input tokens 4098 cannot exceed the total tokens limit 4096 for this model",
        "litellm.ContextWindowExceededError: m"}) {
    CAPTURE(words);
    const std::string message = "\"message\":\"" + std::string(words) + "\"";
    for (const int status : {400, 500, 503})
      CHECK(error_of(status, "{\"error\":{" + message + "}}").code() ==
            ErrorCode::context_overflow);
    const std::string inside = "{\"error\":{\"code\":500," + message + "}}";
    CHECK(error_of(200, inside).code() == ErrorCode::context_overflow);
    CHECK(
        error_of(200, "data: " + inside + "\n\n", {{"content-type", "text/event-stream"}}).code() ==
        ErrorCode::context_overflow);
  }
  CHECK(error_of(429, R"({"error":{"message":"maximum prompt length a minute"}})").code() ==
        ErrorCode::rate_limited);
  CHECK(error_of(413, R"({"error":{"message":"m (1) exceeded this model context window limit"}})")
            .code() == ErrorCode::context_overflow);
  CHECK(error_of(400, R"({"error":{"message":"m","type":"too_many_prompt_tokens","code":400}})")
            .code() == ErrorCode::context_overflow);
}

TEST_CASE("a request over a size that a service takes is told by its words under 400") {
  constexpr const char* kWords =
      R"({"error":{"code":400,"message":"Request payload size exceeds the limit: 20971520 bytes.",)"
      R"("status":"INVALID_ARGUMENT"}})";
  CHECK(error_of(400, kWords).code() == ErrorCode::too_large);
  CHECK(error_of(403, kWords).code() == ErrorCode::permission_denied);
}

TEST_CASE("a refused content is seen in the words that services have for it") {
  auto code = [](int status, std::string error) {
    return error_of(status, "{\"error\":" + error + "}").code();
  };
  for (const char* error :
       {R"({"code":"1301","message":"System detected potentially unsafe or sensitive content."})",
        R"({"message":"内容可能包含不安全或敏感内容","type":"new_api_error","code":"1301"})",
        R"({"code":"SensitiveContentDetected","message":"m"})",
        R"({"code":"image_content_policy_violation","message":"m"})",
        R"({"message":"This prompt may be violating our usage policy"})",
        R"({"message":"The prompt triggered Azure OpenAI's content management policy"})",
        R"({"message":"litellm.ContentPolicyViolationError: m"})",
        R"({"code":"data_inspection_failed","message":"m"})",
        R"({"type":"invalid_request_error","message":"Content Exists Risk"})",
        R"({"code":"moderation_blocked","message":"m"})",
        R"({"message":"Output blocked by content filtering policy"})",
        R"({"message":"Your request was rejected as a result of our safety system."})"}) {
    CAPTURE(error);
    CHECK(code(400, error) == ErrorCode::content_filtered);
    CHECK(code(200, error) == ErrorCode::content_filtered);
  }
  CHECK(code(403, R"({"message":"Your chosen model requires moderation and your input was flagged)"
                  R"( for \"violence\"."})") == ErrorCode::content_filtered);
  CHECK(code(500, R"({"message":"our content filtering policy is away"})") ==
        ErrorCode::provider_error);
}

TEST_CASE(
    "a router's 403 is a refused content where it names what was flagged, else a permission") {
  const auto code = [](std::string_view error) {
    return error_of(403, "{\"error\":" + std::string(error) + "}").code();
  };
  CHECK(code(R"({"code":403,"message":"Forbidden by the moderation of the provider","metadata":)"
             R"({"reasons":["violence"],"flagged_input":"I will","provider_name":"OpenAI",)"
             R"("model_slug":"m"}})") == ErrorCode::content_filtered);
  CHECK(code(R"({"code":403,"message":"This key may not use the model","metadata":)"
             R"({"provider_name":"OpenAI"}})") == ErrorCode::permission_denied);
  CHECK(code(R"({"code":403,"message":"Provider returned error","metadata":)"
             R"({"raw":"{\"error\":{\"message\":\"Country not supported\"}}"}})") ==
        ErrorCode::permission_denied);
  // The user's text that was flagged is no part of the error.
  const Error error =
      error_of(403, R"({"error":{"code":403,"message":"no","metadata":{"reasons":["x"],)"
                    R"("flagged_input":"my own words"}}})");
  CHECK(std::string(error.what()).find("my own words") == std::string::npos);
  CHECK(error.provider_message() == "no");
}

TEST_CASE("Zhipu's numbers count in the shape of its errors, not in those of other services") {
  struct Row {
    const char* number;
    ErrorCode code, behind_400;
  };
  for (const Row& row : {Row{"1001", ErrorCode::unauthenticated, ErrorCode::invalid_argument},
                         Row{"1113", ErrorCode::quota_exhausted, ErrorCode::quota_exhausted},
                         Row{"1211", ErrorCode::not_found, ErrorCode::not_found},
                         Row{"1261", ErrorCode::context_overflow, ErrorCode::context_overflow},
                         Row{"1301", ErrorCode::content_filtered, ErrorCode::content_filtered},
                         Row{"1302", ErrorCode::rate_limited, ErrorCode::invalid_argument},
                         Row{"1305", ErrorCode::overloaded, ErrorCode::invalid_argument},
                         Row{"1308", ErrorCode::quota_exhausted, ErrorCode::quota_exhausted}}) {
    CAPTURE(row.number);
    const std::string code = R"("code":")" + std::string(row.number) + '"';
    const std::string own = R"({"error":{)" + code + R"(,"message":"m"}})";
    CHECK(error_of(200, own).code() == row.code);
    CHECK(error_of(400, own).code() == row.behind_400);
    for (const std::string& other :
         {R"({"error":{"message":"m","type":"api_error","param":null,)" + code + "}}",
          R"({"error":{"message":"m","param":null,)" + code + "}}",
          R"({"error":{"message":"m","code":)" + std::string(row.number) + "}}",
          "{" + code + R"(,"message":"m"})",
          R"({"base_resp":{"status_code":)" + std::string(row.number) + R"(,"status_msg":"m"}})"}) {
      CAPTURE(other);
      CHECK(error_of(400, other).code() == ErrorCode::invalid_argument);
    }
  }
}

TEST_CASE("a failure inside a success is told apart by its words") {
  auto code = [](std::string body) { return error_of(200, std::move(body)).code(); };
  CHECK(code(R"({"base_resp":{"status_code":1002,"status_msg":"rate limit"}})") ==
        ErrorCode::rate_limited);
  CHECK(code(R"({"base_resp":{"status_code":1027,"status_msg":"output new_sensitive"}})") ==
        ErrorCode::content_filtered);
  CHECK(code(R"({"code":1113,"msg":"Your account is in arrears","success":false})") ==
        ErrorCode::quota_exhausted);
  CHECK(code(R"({"code":"Arrearage","message":"Access denied"})") == ErrorCode::quota_exhausted);
  CHECK(code(R"({"error":{"type":"engine_overloaded_error","message":"m"}})") ==
        ErrorCode::overloaded);
  for (const auto& row :
       std::vector<std::pair<const char*, ErrorCode>>{{"1001", ErrorCode::timeout},
                                                      {"1002", ErrorCode::rate_limited},
                                                      {"1004", ErrorCode::unauthenticated},
                                                      {"1008", ErrorCode::quota_exhausted},
                                                      {"1026", ErrorCode::content_filtered},
                                                      {"1039", ErrorCode::rate_limited},
                                                      {"2013", ErrorCode::invalid_argument},
                                                      {"2049", ErrorCode::unauthenticated},
                                                      {"1000", ErrorCode::provider_error}}) {
    CAPTURE(row.first);
    CHECK(code(R"({"base_resp":{"status_msg":"m","status_code":)" + std::string(row.first) +
               "}}") == row.second);
  }
  CHECK(code(R"({"error":{"code":"vector_store_timeout","message":"m"}})") == ErrorCode::timeout);
  for (const char* word : {"server_is_overloaded", "slow_down"}) {
    CAPTURE(word);
    CHECK(code(R"({"error":{"message":"m","code":")" + std::string(word) + "\"}}") ==
          ErrorCode::overloaded);
  }
}

TEST_CASE("no capacity is seen under the status that a service has for it") {
  CHECK(error_of(498, R"({"error":{"message":"m","type":"capacity_exceeded"}})").code() ==
        ErrorCode::overloaded);
  CHECK(error_of(503, R"({"error":"server busy, please try again.  maximum pending requests )"
                      R"(exceeded"})")
            .code() == ErrorCode::overloaded);
  CHECK(error_of(500, R"({"error":"the server is busy"})").code() == ErrorCode::provider_error);
}

TEST_CASE("code and type beside an error of mere words say what it is") {
  const auto in_stream = [](const std::string& document) {
    return error_of(200, "data: " + document + "\n\n", {{"content-type", "text/event-stream"}});
  };
  for (const char* status : {R"("status_code":429)", R"("code":"429")"}) {
    const Error error = in_stream(R"({"error":"no slot",)" + std::string(status) + "}");
    CHECK(error.code() == ErrorCode::rate_limited);
    CHECK(error.provider_status() == 429);
    CHECK(error.provider_message() == "no slot");
  }
  CHECK(in_stream(R"({"error":"no","error_type":"validation"})").code() ==
        ErrorCode::invalid_argument);
}

TEST_CASE("a status that stands beside a failure's own code is its status") {
  const auto in_stream = [](const std::string& document) {
    return error_of(200, "data: " + document + "\n\n", {{"content-type", "text/event-stream"}});
  };
  for (const char* document :
       {R"({"error":{"message":"no","code":"tool_use_failed","status_code":400}})",
        R"({"error":{"message":"no","http_status_code":400}})",
        R"({"type":"error","error":{"type":"x_error","message":"no","http_code":"400"}})",
        R"({"errors":[{"code":"x","message":"no"}],"trace":"t","status_code":400})",
        R"({"error":{"message":"no"},"status":400})", R"({"statusCode":400,"message":"no"})"}) {
    CAPTURE(document);
    const Error error = in_stream(document);
    CHECK(error.code() == ErrorCode::invalid_argument);
    CHECK(error.provider_status() == 400);
  }
  CHECK(error_of(500, R"({"error":{"message":"no","status_code":400}})").provider_status() == 500);
}

TEST_CASE("a rate told without a status is one, though the words speak of tokens and lengths") {
  auto in_stream = [](const std::string& error) {
    return error_of(200, "data: {\"error\":" + error + "}\n\n",
                    {{"content-type", "text/event-stream"}})
        .code();
  };
  for (const char* error :
       {R"({"type":"throttlingException","message":"Too many tokens, please wait before trying )"
        R"(again."})",
        R"({"message":"Rate limit reached: too many tokens per minute"})",
        R"({"message":"Rate limit: please reduce the length of your prompts or wait"})",
        R"({"code":"rate_limit_exceeded","message":"Please reduce the length of your prompts or )"
        R"(wait"})",
        R"({"type":"rate_limit_error","message":"inappropriate content is counted, too"})"}) {
    CAPTURE(error);
    CHECK(in_stream(error) == ErrorCode::rate_limited);
  }
  CHECK(in_stream(R"({"type":"invalid_request_error","message":"prompt is too long: 9 > 5"})") ==
        ErrorCode::context_overflow);
  CHECK(in_stream(R"({"type":"rate_limit_error","message":"Insufficient balance"})") ==
        ErrorCode::quota_exhausted);
  CHECK(in_stream(R"({"type":"permission_error","message":"your input was flagged"})") ==
        ErrorCode::content_filtered);
  CHECK(error_of(503, R"({"error":{"message":"Too many tokens, please wait"}})").code() ==
        ErrorCode::provider_error);
}

TEST_CASE("an error quotes the provider, bounded and without any key") {
  const std::string long_text(5000, 'x');
  const Error error = error_of(401, "{\"error\":{\"message\":\"Incorrect key " + std::string(kKey) +
                                        " or sk-abc_DEF-1. " + long_text + "\"}}");
  const std::string text = error.what();
  CHECK(text.find("Incorrect key *** or ***.") != std::string::npos);
  CHECK(text.size() < 500);
  Bench bench;
  bench.config.api_key = "hunter2";
  bench.http.answers.push_back(
      {.pieces = {chunk("a"), "data: {\"error\":{\"message\":\"bad hunter2\"}}\n\n"}});
  CHECK(std::string(bench.ask().end().error->what()).find("hunter2") == std::string::npos);
  // Also where the failure's type is cut inside of it.
  const std::string type = std::string(60, 't') + " hunter2";
  bench.log = std::make_shared<ReplyLog>();
  bench.http.answers.push_back(
      {.pieces = {chunk("a"), R"(data: {"error":{"message":"m","type":")" + type + "\"}}\n\n"}});
  CHECK(std::string(bench.ask().end().error->what()).find("hun") == std::string::npos);
}

TEST_CASE("a key that the provider has masked itself stays in its words") {
  const auto words = [](const std::string& key) {
    const Error error = error_of(401, R"({"error":{"message":"Incorrect key: )" + key + "\"}}");
    return std::string(error.provider_message());
  };
  CHECK(words("sk-proj-****************abcd. And sk-abc") ==
        "Incorrect key: sk-proj-****************abcd. And ***");
  CHECK(words("sk-abcdefgh**jk") == "Incorrect key: ***");
}

TEST_CASE("a service that misses the model's name says where it is set") {
  for (const auto* message : {"You must provide a model parameter.", "model is required"}) {
    const Error error = error_of(400, R"({"error":{"message":")" + std::string(message) + R"("}})");
    CHECK(error.code() == ErrorCode::invalid_argument);
    CHECK(std::string(error.what()).ends_with("; set \"model\" in the configuration"));
  }
  const Error other = error_of(400, R"({"error":{"message":"the model is busy"}})");
  CHECK(std::string(other.what()).find("configuration") == std::string::npos);
}

TEST_CASE("the provider's words keep their length and lines, without any key") {
  const std::string long_text(1000, 'x');
  const Error error = error_of(400, R"({"error":{"message":"Two\nlines of task-17, not )" +
                                        std::string(kKey) + " " + long_text + "\"}}");
  CHECK(error.provider_message() == "Two\nlines of task-17, not *** " + long_text);
  CHECK(std::string(error.what()).find('\n') == std::string::npos);
}

TEST_CASE("a refusal's words are found in the shapes of gateways, validators and web servers") {
  const std::pair<const char*, const char*> kBodies[] = {
      {R"({"fault":{"faultstring":"no slot","detail":{"errorcode":"oauth.v2.X"}}})", "no slot"},
      {R"({"fault":{"code":900901,"message":"no slot","description":"d"}})", "no slot"},
      {R"({"errors":{"model":["is invalid","is odd"],"n":["x"]}})", "model: is invalid"},
      {R"({"success":false,"error":{"name":"ZodError","issues":[{"message":"no slot"}]}})",
       "no slot"},
      {"<?xml version=\"1.0\"?><Error><Code>X</Code><Message>no slot</Message></Error>", "no slot"},
      {"<html><title>Error</title><body><pre>no slot</pre></body></html>", "no slot"},
      {"data: {\"error\":{\"message\":\"no slot\"}}\n\n", "no slot"},
      {"event: error\r\ndata: {\"message\":\"no slot\"}\r\n\r\n", "no slot"},
      {"{\"error\":\"no slot\"}\n{\"done\":true}\n", "no slot"},
      {R"({"statusCode":500,"message":"no slot","error":"Internal Server Error"})", "no slot"},
      {R"({"error":"MAINTENANCE_MODE","message":"no slot","maintenance":{}})", "no slot"},
      {R"({"error":"server_error","error_description":"no slot"})", "no slot"},
      {R"({"error":"no slot","message":null,"error_type":"x"})", "no slot"},
      {R"({"error":"{\"message\":\"no slot\"}","message":"inner failure"})", "no slot"},
      {"data is not there", "data is not there"},
      {"event: none", "event: none"},
  };
  for (const auto& row : kBodies) {
    CAPTURE(row.first);
    CHECK(error_of(500, row.first).provider_message() == row.second);
  }
  // A sentence in `error` is the provider's own, whatever word stands beside it.
  const Error over = error_of(
      400,
      R"({"error":"This model's maximum context length is 8192 tokens","message":"Bad Request"})");
  CHECK(over.code() == ErrorCode::context_overflow);
  CHECK(over.provider_message() == "This model's maximum context length is 8192 tokens");
  CHECK(error_of(401, R"({"error":"invalid api key","message":"no"})").provider_message() ==
        "invalid api key");
  CHECK(
      error_of(403, R"({"error":"Forbidden","type":"insufficient_quota","message":"m"})").code() ==
      ErrorCode::quota_exhausted);
  // The code and the wait inside an event's frame count as those of a body.
  const Error framed =
      error_of(429, "data: {\"error\":{\"message\":\"m\",\"code\":\"insufficient_quota\"}}\n\n",
               {{"content-type", "text/event-stream"}});
  CHECK(framed.code() == ErrorCode::quota_exhausted);
  const Error later =
      error_of(429, "event: error\ndata: {\"error\":{\"message\":\"m\",\"retry_after\":7}}\n\n");
  CHECK(later.retry_after() == 7s);
  CHECK(error_of(200, R"({"fault":{"faultstring":"no slot"}})").provider_message() == "no slot");
  CHECK(error_of(429, R"({"error":"insufficient_quota","message":"m"})").code() ==
        ErrorCode::quota_exhausted);
}

TEST_CASE("names in capitals hold a failure's words, too") {
  for (const char* body : {R"({"Message":"no slot"})", R"({"Error":{"Message":"no slot"}})",
                           R"({"Error":{"Code":"Throttled","Message":"no slot"}})"}) {
    CAPTURE(body);
    CHECK(error_of(403, body).provider_message() == "no slot");
    CHECK(error_of(200, body).provider_message() == "no slot");
    CHECK(error_of(200, "data: " + std::string(body) + "\n\n",
                   {{"content-type", "text/event-stream"}})
              .provider_message() == "no slot");
  }
  CHECK(error_of(502, "<HTML><HEAD><TITLE>No slot</TITLE></HEAD></HTML>").provider_message() ==
        "No slot");
}

TEST_CASE("a key that is given as a header field is taken out of the provider's words") {
  Bench bench;
  bench.config.headers = {{"x-auth", "Bearer tok-VERYSECRET"}, {"x-own", "own-SECRETVALUE"}};
  const ReplyLog& log =
      bench.answer(401, R"({"error":{"message":"bad tok-VERYSECRET and own-SECRETVALUE"}})");
  REQUIRE(log.end().error);
  for (const std::string& text :
       {std::string(log.end().error->what()), std::string(log.end().error->provider_message())}) {
    CHECK(text.find("bad ***") != std::string::npos);
    CHECK(text.find("SECRET") == std::string::npos);
  }
}
