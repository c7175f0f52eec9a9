// A destination's STOW-RS settings from its table.
#include "config/build_stow.h"

namespace veilroute::config {

StowSettings build_stow(const TableReader& table) {
  StowSettings stow;
  stow.url = table.text("url");
  while (stow.url.ends_with('/')) stow.url.pop_back();
  stow.encrypted = stow.url.starts_with("https:");
  stow.crl = table.path("crl");
  stow.token_file = table.path("token_file");
  stow.batch_bytes = table.size("batch_bytes");
  stow.batch_objects = static_cast<unsigned>(table.number("batch_objects"));
  stow.say_syntax = table.truth("say_syntax");
  stow.qido = table.truth("qido");
  if (!table.has("oauth")) return stow;
  const TableReader below = table.below("oauth");
  OAuthSettings oauth{below.text("token_url"), below.text("client_id"),
                      below.path("client_secret_file"), below.text("scope"), below.path("ca")};
  if (oauth.ca.empty()) oauth.ca = table.path("ca");
  stow.oauth = std::move(oauth);
  return stow;
}

}  // namespace veilroute::config
