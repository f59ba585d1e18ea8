#include "base/url.hpp"

#include <doctest/doctest.h>

#include <array>
#include <scena/config.hpp>
#include <vector>

#include "base/ip_address.hpp"

using namespace scena;

namespace {

constexpr const char* kAllowed[] = {"https://example.com",
                                    "https://example.com/",
                                    "HTTPS://EXAMPLE.COM/a",
                                    "https://api.openai.com/v1/chat/completions",
                                    "https://example.com:443/",
                                    "https://example.com:8443/hook",
                                    "https://example.com:1024/",
                                    "https://example.com:65535/",
                                    "https://example.com:8080/x",
                                    "https://a.b.c.example.co.uk/x?y=1&z=%20#part",
                                    "https://example.com/@user",
                                    "https://example.com/?mail=a@b.c",
                                    "https://xn--bcher-kva.example/",
                                    "https://8.8.8.8/",
                                    "https://1.1.1.1:8443/x",
                                    "https://172.15.255.255/",
                                    "https://172.32.0.1/",
                                    "https://100.63.255.255/",
                                    "https://100.128.0.1/",
                                    "https://[2606:4700:4700::1111]/",
                                    "https://[2a00:1450::1]:8443/",
                                    "https://[::ffff:8.8.8.8]/",
                                    "https://[64:ff9b::808:808]/",
                                    "https://my_bucket.s3.amazonaws.com/k",
                                    "https://1.example.com/",
                                    "https://localhost.example.com/",
                                    "https://notlocalhost.com/",
                                    "https://internal.example.com/",
                                    "https://123.com/",
                                    "https://10.com/",
                                    "https://0x7f.example.com/",
                                    "https://34.216.184.93.bc.googleusercontent.com/x",
                                    "https://127.0.0.1.example.com:8443/",
                                    "https://a-b.example/",
                                    "https://example.com?x=1"};

constexpr const char* kDenied[] = {
    // not https
    "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
    "javascript:alert(1)", "data:text/plain,x", "ws://example.com/", "//example.com/",
    "example.com", "", "https:", "https:/", "https://", "https:///x", "https:example.com",
    "https:/example.com", "htps://example.com", "unix:///var/run/docker.sock",
    "jar:https://example.com!/",
    // loopback, private, special IPv4
    "https://127.0.0.1/", "https://127.255.255.254/", "https://10.0.0.1/", "https://172.16.0.1/",
    "https://172.31.255.255/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/", "https://100.127.255.255/", "https://100.100.100.200/",
    "https://0.0.0.0/", "https://0.1.2.3/", "https://192.0.0.192/", "https://192.0.2.1/",
    "https://198.18.0.1/", "https://198.19.255.255/", "https://198.51.100.7/",
    "https://203.0.113.9/", "https://224.0.0.1/", "https://239.1.1.1/", "https://240.0.0.1/",
    "https://255.255.255.255/", "https://192.88.99.1/", "https://168.63.129.16/",
    // odd spellings of addresses
    "https://1.2.3.4.5.nip.io/", "https://127.0.0.1.localhost/", "https://127.0.0.1.a@b.com/",
    "https://127.0.0.1.example.com:22/", "https://127.0.0.1.example.com:x/",
    "https://127.0.0.1.exa%6dple.com/", "https://127.0.0.1..com/", "https://127.1/",
    "https://127.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
    "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://017700000001/", "https://127.0.0.01/",
    "https://127.0.0.1./", "https://127.0.0.1.:443/", "https://8.8.8/", "https://134744072/",
    "https://256.256.256.256/", "https://127.0.0.0x1/", "https://1.2.3.4.5/", "https://0/",
    "https://%31%32%37.0.0.1/", "https://127%2e0%2e0%2e1/", "https://0x/", "https://1.0x7f/",
    "https://00000010.0.0.1/",
    // IPv6
    "https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::10.0.0.1]/",
    "https://[64:ff9b:1::8.8.8.8]/", "https://[2002:7f00:1::]/", "https://[2002:a00:1::1]/",
    "https://[2002:c0a8:101::]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/", "https://[fc00::1]/", "https://[fd12:3456::1]/",
    "https://[fd00:ec2::254]/", "https://[ff02::1]/", "https://[2001:db8::1]/",
    "https://[2001::1]/", "https://[2001:10::1]/", "https://[3fff::1]/", "https://[100::1]/",
    "https://[::8.8.8.8]/", "https://[4000::1]/", "https://[v1.a]/", "https://[::1/", "https://[]/",
    "https://[1.2.3.4]/", "https://[::ffff:0:7f00:1]/", "https://[5f00::1]/",
    // local names
    "https://localhost/", "https://LOCALHOST/", "https://LocalHost:8443/", "https://a.localhost/",
    "https://localhost./", "https://printer.local/", "https://db.internal/",
    "https://metadata.google.internal/", "https://intranet/", "https://router.lan/",
    "https://x.home.arpa/", "https://localhost.localdomain/", "https://kubernetes.default.svc/",
    "https://a.svc.cluster.local/", "https://example.com./", "https://.example.com/",
    "https://example..com/", "https://-a.example.com/", "https://a-.example.com/",
    "https://127.0.0.1.nip.io/", "https://x.localtest.me/", "https://10-0-0-1.sslip.io/",
    "https://hidden.onion/",
    // users and confusion
    "https://user@example.com/", "https://user:pass@example.com/", "https://example.com@127.0.0.1/",
    "https://@example.com/", "https://:@example.com/", "https://example.com:443@127.0.0.1/",
    "https://example.com%40127.0.0.1/", "https://example.com#@127.0.0.1/",
    "https://example.com?@127.0.0.1/", "https://example.com\\@127.0.0.1/", "https:\\\\127.0.0.1/",
    "https://example.com\\.evil.com/", "https://example.com&@127.0.0.1/", "https://exa mple.com/",
    " https://example.com/", "https://example.com/ ", "https://example.com/\n",
    "https://example.com/\r\nHost: a", "https://exam\tple.com/", "https://example.com\x01/",
    "https://example.com/\x7F", "https://example.com/%0d%0aHost:%20x", "https://example.com/%00",
    "https://ex%61mple.com/",
    "https://b\xC3\xBC"
    "cher.example/",
    "https://\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1/",
    "https://example\xE3\x80\x82"
    "com/",
    "https://exa*mple.com/", "https://$host/", "https://{host}/", "https://<b>.com/", "https://!/",
    "https://example.com/a b",
    // ports
    "https://example.com:80/", "https://example.com:22/", "https://example.com:25/",
    "https://example.com:0/", "https://example.com:/", "https://example.com:0443/",
    "https://example.com:65536/", "https://example.com:99999999999/", "https://example.com:-1/",
    "https://example.com:443x/", "https://example.com:1023/", "https://example.com:3306/",
    "https://example.com:5432/", "https://example.com:6379/", "https://example.com:11211/",
    "https://example.com:27017/", "https://example.com:9200/", "https://example.com:2375/",
    "https://example.com:2379/", "https://example.com:6443/", "https://example.com:10250/",
    "https://example.com:5672/", "https://example.com:9092/", "https://example.com:443:443/",
    "https://8.8.8.8:6379/"};

bool is_public(std::initializer_list<int> bytes) {
  std::vector<std::uint8_t> address;
  for (int byte : bytes) address.push_back(static_cast<std::uint8_t>(byte));
  return is_public_address(address);
}

}  // namespace

TEST_CASE("a URL that arrives as data is allowed only when it is plain https to a public host") {
  static_assert(std::size(kAllowed) + std::size(kDenied) >= 120);
  for (const char* text : kAllowed) {
    const auto judged = judge_url(text);
    CHECK_MESSAGE(judged.has_value(), std::string(text));
  }
  for (const char* text : kDenied) {
    const auto judged = judge_url(text);
    CHECK_MESSAGE(!judged.has_value(), std::string(text));
    if (!judged) CHECK(judged.error().code() == ErrorCode::permission_denied);
  }
  CHECK_FALSE(judge_url(std::string("https://example.com/\0x", 22)));
  CHECK_FALSE(judge_url("https://example.com/" + std::string(3000, 'a')));
  CHECK_FALSE(judge_url("https://" + std::string(64, 'a') + ".com/"));
}

TEST_CASE("a refused URL's error does not repeat it") {
  for (const char* text :
       {"https://user:hunter2@example.com/", "https://example.com:6379/hunter2", "hunter2://x"}) {
    CHECK(std::string(judge_url(text).error().what()).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a resolved address is public or it is not connected to") {
  CHECK(is_public({8, 8, 8, 8}));
  CHECK(is_public({172, 15, 0, 1}));
  CHECK(is_public({192, 169, 0, 1}));
  CHECK_FALSE(is_public({127, 0, 0, 1}));
  CHECK_FALSE(is_public({100, 64, 0, 1}));
  CHECK_FALSE(is_public({169, 254, 169, 254}));
  CHECK(is_public({0x26, 6, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  CHECK_FALSE(is_public({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  CHECK_FALSE(is_public({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1}));
  CHECK(is_public({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 8, 8, 8, 8}));
  CHECK_FALSE(is_public({0x20, 2, 192, 168, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  CHECK_FALSE(is_public({}));
  CHECK_FALSE(is_public({8, 8, 8}));
}

TEST_CASE("a judged URL has its parts normalised") {
  const auto judged = judge_url("HTTPS://Example.COM:8443/a%20b?q=1#f");
  REQUIRE(judged);
  CHECK(judged->url().host() == "example.com");
  CHECK(judged->url().port() == 8443);
  CHECK(judged->url().target() == "/a%20b?q=1");
  CHECK(judged->url().authority() == "example.com:8443");
}

TEST_CASE("a URL of the host's own may be http and local, and keeps its password apart") {
  const auto parsed = TrustedUrl::parse("/x", "http://bob:s%40crt@LocalHost:8080/v1");
  REQUIRE(parsed);
  const Url& url = parsed->url();
  CHECK(url.host() == "localhost");
  CHECK(url.port() == 8080);
  CHECK(url.user() == "bob");
  CHECK(url.password().reveal() == "s@crt");
  CHECK(url.to_string() == "http://localhost:8080/v1");
  const auto odd = TrustedUrl::parse("/x", "http://10.0.0.1.Nip.io:8080/v1?a=b");
  REQUIRE(odd);
  CHECK(odd->url().to_string() == "http://10.0.0.1.nip.io:8080/v1?a=b");
  CHECK(TrustedUrl::parse("/x", "https://[::1]")->url().authority() == "[::1]");
  CHECK(TrustedUrl::parse("/x", "https://h")->url().port() == 443);
  CHECK(TrustedUrl::parse("/x", "https://h")->url().target() == "/");
}

TEST_CASE("a mistyped URL's error names the field and the fix, never the URL") {
  auto fault = [](const char* text) {
    const auto parsed = TrustedUrl::parse("OPENAI_BASE_URL", text);
    return parsed ? std::string("accepted") : std::string(parsed.error().what());
  };
  CHECK(fault("htp://h/v1") ==
        "OPENAI_BASE_URL: the URL has the scheme \"htp\"; did you mean \"http://\"?");
  CHECK(fault("htps://h/v1").find("did you mean \"https://\"?") != std::string::npos);
  CHECK(fault("http//h/v1").find("lacks the colon") != std::string::npos);
  CHECK(fault("localhost:8080/v1").find("has no scheme") != std::string::npos);
  CHECK(fault("http:/h/v1").find("has no scheme") != std::string::npos);
  CHECK(fault("http://h /v1").find("holds a space") != std::string::npos);
  CHECK(fault("http:///v1").find("has no host") != std::string::npos);
  CHECK(fault("http://h:99999/v1").find("OPENAI_BASE_URL") == 0);
  CHECK(fault("ftp://h/v1").find("only \"http\" and \"https\"") != std::string::npos);
  CHECK(fault("").find("is empty") != std::string::npos);
  for (const char* text : {"htp://u:hunter2@h", "http//u:hunter2@h", "http://u:hunter2@h :80",
                           "hunter2sk-1234567890abc://"}) {
    CHECK(fault(text).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("passwords leave URLs before they are shown") {
  CHECK(without_password("postgres://u:p@h/x") == "postgres://u:***@h/x");
  CHECK(without_password("http://u:p@q@h") == "http://u:***@h");
  CHECK(without_password("http://u@h:80/a:b@c") == "http://u@h:80/a:b@c");
  CHECK(without_password("sqlite:a.db") == "sqlite:a.db");
}

TEST_CASE("the kind of a provider's URL stands before its first separator") {
  CHECK(provider_kind("openai") == "openai");
  CHECK(provider_kind("openai:gpt-4o") == "openai");
  CHECK(provider_kind("openai+http://host:1/v1") == "openai");
  CHECK(provider_kind("openai@fast") == "openai");
  CHECK(provider_kind("").empty());
  CHECK(provider_kind(":x").empty());
}
