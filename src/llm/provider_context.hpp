#pragma once

#include <scena/config.hpp>

namespace scena::net {
class HttpTransport;
class Loop;
}  // namespace scena::net

namespace scena::llm {

/// What providers are built on; all of it outlives them. One per loop.
struct ProviderContext {
  net::HttpTransport& http;
  net::Loop& loop;
  const Clock& clock;
  HttpConfig limits;
};

}  // namespace scena::llm
