#pragma once

#include <scena/config.hpp>

namespace scena::net {
class HttpTransport;
class Loop;
}  // namespace scena::net

namespace scena::llm {

class ModelBook;

/// What providers are built on; all of it outlives them. One per loop.
struct ProviderContext {
  net::HttpTransport& http;
  net::Loop& loop;
  const Clock& clock;
  HttpConfig limits;
  const ModelBook* models = nullptr;  ///< Null: the catalog that is compiled in.
};

}  // namespace scena::llm
