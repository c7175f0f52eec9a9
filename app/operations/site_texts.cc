// The configuration files of a new site. Each is whole and loads; the comments are its manual.
#include <string>
#include <utility>
#include <vector>

#include "app/operations/init.h"

namespace veilroute::app {
namespace {

constexpr const char* kSiteText =
    R"(# Veilroute: what this site is, who may send to it, and how long it waits.
# Destinations and routes stand in conf.d/, one a file. After a change: `veilroute check`, then
# restart the node. Every key with its unit, range and default: config/reference.md.

[site]
name = "@NAME@"                 # appears in the ledger, never in what is sent
ae_title = "@AE@"          # what modalities call us, and what we call ourselves when we send
data_dir = "state"              # sealed objects, catalog, ledger
master_key = "file:keys/master.key"  # keep a copy elsewhere: without it nothing here can be opened

[completion]
quiet = "@QUIET@"                   # a study is complete when nothing new came for this long,
longest = "15min"               # or when this much time is over since its first object

[[listener]]
name = "ward"
protocol = "dicom"              # plain DICOM, for modalities on a trusted network
bind = "@LISTEN@"      # 0.0.0.0:11112 to be reached from outside this machine
)";

constexpr const char* kTlsListener = R"(
# DICOM over TLS with client certificates, for senders on networks that are not trusted.
# [[listener]]
# name = "partners-in"
# protocol = "dicom+tls"
# bind = "0.0.0.0:2762"
# cert = "keys/node.crt"                # a development certificate; use one of your authority
# key = "keys/node.key"
# client_ca = "keys/development-ca.crt" # who signs the certificates of those who may call
)";

constexpr const char* kSourceExample = R"(
# A source is a system that may send to us. Whoever is not listed is rejected.
# [[source]]
# name = "er-xray"
# ae_title = "ER_CR1"
# addresses = ["10.20.0.0/16"]          # optional, and so are: called_ae, cert_sha256, listener
)";

constexpr const char* kDemoSource = R"(
# A source is a system that may send to us. Whoever is not listed is rejected.
[[source]]
name = "demo-modality"
ae_title = "DEMO_XRAY"
addresses = ["127.0.0.0/8"]     # from this machine only
)";

constexpr const char* kDestinationExample = R"(# Copy to conf.d/NAME.toml and fill in. A destination is an approved receiver.
[[destination]]
name = "bone-specialist"
protocol = "dicom+tls"
host = "pacs.bone.example"      # must stand in the receiver's certificate
port = 2762
called_ae = "BONE"
ca = "keys/bone-ca.crt"         # who signed the receiver's certificate
cert = "keys/node.crt"          # how we show who we are
key = "keys/node.key"
gate = { basis = "de-identified", document = "DUA-2026-014", valid_until = 2027-03-31, approved_by = "privacy office" }
)";

constexpr const char* kRouteExample = R"(# Copy to conf.d/NAME.toml and fill in. A route says who gets what, and in which form.
[[route]]
name = "hands-to-bone"
when = 'source = "er-xray" and Modality in ["CR", "DX"] and BodyPartExamined in ["HAND", "WRIST"]'
destination = "bone-specialist"
profile = "basic"               # `veilroute profile list` shows all
basis = "de-identified"
consent = { required = false, reason = "de-identified data" }
)";

constexpr const char* kDemoDestination = R"(# The demo partner: a receiver on this machine, with certificates that `veilroute init` made.
[[destination]]
name = "demo-partner"
protocol = "dicom+tls"
host = "@PARTNER_HOST@"
port = @PARTNER_PORT@
called_ae = "DEMO_PARTNER"
ca = "keys/development-ca.crt"
cert = "keys/node.crt"
key = "keys/node.key"
gate = { basis = "de-identified", document = "demo", valid_until = 2099-12-31, approved_by = "veilroute init --demo" }

[destination.retry]
first_delay = "1s"
longest_delay = "10s"
)";

constexpr const char* kDemoRoute = R"(# Everything from the demo modality goes to the demo partner, de-identified.
[[route]]
name = "demo"
when = 'source = "demo-modality"'
destination = "demo-partner"
profile = "basic"
basis = "de-identified"
consent = { required = false, reason = "de-identified data" }
)";

std::string filled_in(std::string text, const std::string& name, const std::string& value) {
  for (std::size_t at = text.find(name); at != std::string::npos;
       at = text.find(name, at + value.size())) {
    text.replace(at, name.size(), value);
  }
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> site_texts(const NewSite& wanted) {
  std::string site = std::string(kSiteText) + kTlsListener;
  site += wanted.demo ? kDemoSource : kSourceExample;
  site = filled_in(std::move(site), "@NAME@", wanted.name);
  site = filled_in(std::move(site), "@AE@", wanted.ae_title);
  site = filled_in(std::move(site), "@LISTEN@", wanted.listen);
  site = filled_in(std::move(site), "@QUIET@", wanted.demo ? "2s" : "30s");
  std::vector<std::pair<std::string, std::string>> texts{
      {"site.toml", std::move(site)},
      {"conf.d/destination.toml.example", kDestinationExample},
      {"conf.d/route.toml.example", kRouteExample}};
  if (!wanted.demo) return texts;
  const std::size_t colon = wanted.partner.rfind(':');
  std::string destination = filled_in(kDemoDestination, "@PARTNER_HOST@", wanted.partner.substr(0, colon));
  destination = filled_in(std::move(destination), "@PARTNER_PORT@", wanted.partner.substr(colon + 1));
  texts.emplace_back("conf.d/10-demo-partner.toml", std::move(destination));
  texts.emplace_back("conf.d/20-demo-route.toml", kDemoRoute);
  return texts;
}

}  // namespace veilroute::app
