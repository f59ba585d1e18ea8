#include <doctest/doctest.h>

#include <map>

#include "net/http_url.hpp"
#include "net/proxy.hpp"

using namespace scena;
using namespace scena::net;

TEST_CASE("URLs are taken apart strictly") {
  const auto url = parse_http_url("HTTPS://Api.Test:8443/v1/chat?a=b#c");
  REQUIRE(url);
  CHECK(*url == HttpUrl{true, "api.test", 8443, "/v1/chat?a=b"});
  CHECK(url->authority() == "api.test:8443");
  CHECK(parse_http_url("http://[::1]?x")->target == "/?x");
  CHECK(parse_http_url("http://[::1]")->host_and_port() == "[::1]:80");
  CHECK(parse_http_url("https://[::1]:443")->authority() == "[::1]");
  CHECK(parse_http_url("http://a.test/x@y")->target == "/x@y");
  for (const char* bad : {"", "http://", "http:///x", "ftp://a", "//a", "http://a b/",
                          "http://a/\r\n", "http://u:p@a/", "http://a:0/", "http://a:99999/",
                          "http://a:b/", "http://[::1/", "http://[::1]x/", "http://[a]/",
                          "http://a]b/", "http://a:1:2/", "http://\xc3\xa4/", "http://a\\b/"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_http_url(bad));
  }
}

TEST_CASE("proxy variables are read only when asked for, and exceptions respected") {
  std::map<std::string, std::string> variables = {
      {"https_proxy", "http://lower:1"},
      {"HTTPS_PROXY", "http://upper:2"},
      {"HTTP_PROXY", "plain:3"},
      {"NO_PROXY", "direct.test, .inner.test,other.test:8080"}};
  int reads = 0;
  const auto environment = [&](const char* name) {
    ++reads;
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  const auto proxy_of = [](const ProxyRules& rules, const char* url) -> std::string {
    const Proxy* const proxy = rules.find(*parse_http_url(url));
    return proxy ? proxy->host : "";
  };
  CHECK(proxy_of(*ProxyRules::make("", environment), "https://a.test") == "");
  CHECK(proxy_of(*ProxyRules::make("http://own:9", environment), "http://direct.test") == "own");
  CHECK(reads == 0);
  const auto rules = ProxyRules::make("env", environment);
  REQUIRE(rules);
  CHECK(proxy_of(*rules, "https://a.test") == "lower");
  CHECK(proxy_of(*rules, "http://a.test") == "plain");
  CHECK(proxy_of(*rules, "https://direct.test") == "");
  CHECK(proxy_of(*rules, "https://www.direct.test") == "");
  CHECK(proxy_of(*rules, "https://indirect.test") == "lower");
  CHECK(proxy_of(*rules, "https://a.inner.test") == "");
  CHECK(proxy_of(*rules, "https://other.test:8080") == "");
  CHECK(proxy_of(*rules, "https://other.test") == "lower");
  variables["NO_PROXY"] = "*";
  CHECK(proxy_of(*ProxyRules::make("env", environment), "https://a.test") == "");
}

TEST_CASE("a proxy setting that cannot work is refused without repeating it") {
  for (const char* bad : {"https://p:1", "http://", "socks5://p:1", "http://u:secret@",
                          "http://u%zz:secret@p:1", "http://p:1/path"}) {
    CAPTURE(bad);
    const auto rules = ProxyRules::make(bad, [](const char*) -> const char* { return nullptr; });
    REQUIRE_FALSE(rules);
    CHECK(rules.error().code() == ErrorCode::invalid_argument);
    CHECK(std::string(rules.error().what()).find("secret") == std::string::npos);
  }
}
