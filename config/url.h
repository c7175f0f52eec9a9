// The address of a server that is spoken to by HTTP.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"

namespace veilroute::config {

struct Url {
  bool encrypted = true;  ///< https
  Endpoint address;       ///< the port is 443 or 80 where the text names none
  std::string path;       ///< "" or "/dicom-web"
};

/// "https://host[:port][/path]" or "http://...": no user, query or fragment, since what is secret
/// or about a patient must not stand in a URL. An IPv6 address stands in brackets. The path has
/// letters, digits and "-._~/" alone.
std::optional<Url> parse_url(std::string_view text);

}  // namespace veilroute::config
