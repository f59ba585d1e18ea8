#pragma once

#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>
#include <optional>

#include "base/url.hpp"

namespace scena {

/// Fills a Url from what Boost.URL understood; keeps that library out of url.hpp.
class UrlReader {
 public:
  /// Nothing when the text is no absolute URI by RFC 3986.
  static std::optional<boost::urls::url> view(std::string_view text) noexcept;
  static Url read(const boost::urls::url_view& view);
  /// The port as written; nothing when it is empty or no number from 1 to 65535.
  static std::optional<std::uint16_t> port(const boost::urls::url_view& view) noexcept;
};

}  // namespace scena
