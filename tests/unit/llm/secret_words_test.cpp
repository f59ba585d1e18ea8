#include "llm/secret_words.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace scena;

namespace {

std::string without(const char* key, std::string text) {
  ProviderConfig config;
  config.api_key = key;
  const llm::SecretWords words(config);
  const bool occurs = words.occur_in(text);
  const std::string before = text;
  words.take_out_of(text);
  CHECK(occurs == (text != before));
  return text;
}

}  // namespace

TEST_CASE("a key is taken out wherever it stands, a short one only as a word of its own") {
  CHECK(without("sk-123456789", "xsk-123456789y") == "x***y");
  CHECK(without("token", "8192 tokens, your token is token") == "8192 tokens, your *** is ***");
  CHECK(without("k", "too many tokens for key \"k\"") == "too many tokens for key \"***\"");
  CHECK(without("key", "key") == "***");
  CHECK(without("key", "monkey keys") == "monkey keys");
  CHECK(without("", "nothing") == "nothing");
}

TEST_CASE("a key that looks escaped itself is found as it is, and escaped once more") {
  CHECK(without("sk-12%25345", "<sk-12%25345>") == "<***>");
  CHECK(without("sk-12%25345", "<sk-12%2525345>") == "<***>");
  CHECK(without("sk-12%345", "<sk-12%25345>") == "<***>");
  CHECK(without(R"(sk-12\345)", R"(<sk-12\345>)") == "<***>");
  CHECK(without(R"(sk-12\345)", R"(<sk-12\\345>)") == "<***>");
  CHECK(without("sk-1%25/2%25/3", R"(<sk-1%25\/2%2525%2F3>)") == "<***>");
  CHECK(without("sk-1%25/2%25/3", R"(<sk-1%25\u002F2%25%2F3>)") == "<***>");
  CHECK(without("sk-1%25/2%25/3", "<sk-1%2512%25/3>") == "<sk-1%2512%25/3>");
}

TEST_CASE("a key of a thousand bytes that could be escapes is looked for in bounded time") {
  std::string key, text;
  for (int i = 0; i < 400; ++i) {
    key += "%25";
    text += "%2525";
  }
  CHECK(without((key + "x").c_str(), text + "y") == text + "y");
}
