// What the operator wrote, once it is checked: plain, immutable, shared as shared_ptr<const Config>.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/condition.h"
#include "config/retry.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/toml.h"

namespace veilroute::config {

struct Endpoint {
  std::string host;  ///< name or address, IPv6 without brackets
  std::uint16_t port = 0;
};

/// `stow` is spoken to destinations alone.
enum class Protocol : std::uint8_t { dicom, dicom_tls, stow };
/// As the configuration writes it: "dicom", "dicom+tls", "stow".
std::string_view to_string(Protocol protocol);

struct Listener {
  ListenerName name;
  Protocol protocol = Protocol::dicom;
  Endpoint bind;
  std::filesystem::path cert, key, client_ca;  ///< absolute; empty for plain
  unsigned most_associations = 64;
  std::chrono::seconds idle{60};               ///< without a PDU: abort
  AeTitle health_ae;                           ///< answers C-ECHO to anybody; empty: off
  bool private_classes = false;                ///< admit SOP classes outside the standard
};

/// Where a source takes reports of storage commitment.
struct ReportPlace {
  Protocol protocol = Protocol::dicom_tls;
  Endpoint address;
  AeTitle called_ae;                    ///< default: the source's
  std::filesystem::path ca, cert, key;  ///< absolute; empty for plain
  std::string cert_sha256;              ///< pin; empty: any the CA signed
};

struct Source {
  SourceName name;
  AeTitle ae_title;
  std::vector<std::string> addresses;  ///< CIDR; empty: any
  std::string called_ae;               ///< empty: the site's AE title
  std::string cert_sha256;             ///< pinned certificate, hexadecimal; empty: any the CA signed
  std::string listener;                ///< empty: any
  std::string issuer;                  ///< default issuer of patient ids from here
  std::optional<ReportPlace> report;   ///< none: only on the association that asks
  unsigned most_associations = 0;      ///< at one time on one listener; 0: as many as it takes
};

/// The approval of a destination until approvals live in the catalog (decisions 8).
struct Gate {
  std::string basis;  ///< de-identified | expert-determination | treatment | authorization | limited-data-set | baa | waiver
  std::string document;
  std::chrono::year_month_day valid_until{};
  std::string approved_by;
  toml::Place place;
};

/// OAuth 2.0 client credentials (RFC 6749 4.4).
struct OAuthSettings {
  std::string token_url;
  std::string client_id;
  std::filesystem::path client_secret_file;  ///< absolute
  std::string scope;                         ///< empty: none is asked for
  std::filesystem::path ca;                  ///< absolute; of token_url; default: the destination's
};

/// How a destination takes objects by STOW-RS; its TLS files and its pin stand in the destination.
struct StowSettings {
  std::string url;                    ///< "https://host:port/dicom-web", without a slash at its end
  bool encrypted = true;              ///< https
  std::filesystem::path crl;          ///< absolute; empty: no list of revoked certificates
  std::filesystem::path token_file;   ///< absolute; empty: none
  std::optional<OAuthSettings> oauth;
  std::uint64_t batch_bytes = 64ULL << 20U;  ///< of one request, unless one object alone is larger
  unsigned batch_objects = 50;
  bool say_syntax = false;  ///< the transfer syntax stands in each part's Content-Type as well
  bool qido = false;  ///< asks by QIDO-RS for objects of which nothing is known
};

struct Destination {
  DestinationName name;
  Protocol protocol = Protocol::dicom_tls;
  Endpoint address;                       ///< the preferred one; stow: of the URL
  std::vector<Endpoint> others{};         ///< asked in this order where that one is not reached
  AeTitle called_ae;
  AeTitle calling_ae;                     ///< default: the site's
  std::filesystem::path ca, cert, key;    ///< absolute
  std::string cert_sha256;                ///< pin; empty: any the CA signed
  unsigned associations = 2;
  Scope scope;                            ///< "destination:NAME" | "site" | "project:NAME"
  bool archive = false;                   ///< storage commitment may rest on it
  std::optional<StowSettings> stow;       ///< with protocol stow
  std::optional<Gate> gate;
  RetryPolicies retry;
  std::chrono::seconds connect_timeout{15};
  std::chrono::seconds answer_timeout{60};
};

/// Whether what goes there cannot be read on the way.
bool is_encrypted(const Destination& destination);

struct Consent {
  bool required = true;
  std::string reason;
};

struct Route {
  RouteName name;
  bool enabled = true;
  Condition when;
  Condition include;
  DestinationName destination;
  ProfileName profile;
  std::string basis;
  Consent consent;
  std::string pixel_trust;  ///< pixels = { trust = "document" }
  toml::Place place;
};

struct Site {
  std::string name;
  AeTitle ae_title;
  std::filesystem::path data_dir;  ///< absolute
  std::string master_key;          ///< "file:keys/master.key"
};

struct Completion {
  Duration quiet = std::chrono::seconds(30);
  Duration longest = std::chrono::minutes(15);
};

/// Storage commitment (PS3.4 annex J).
struct CommitmentSettings {
  enum class Mode : std::uint8_t { off, custody, archive };
  Mode mode = Mode::off;
  Duration custody = std::chrono::hours(24 * 30);         ///< how long what was promised is kept
  Duration archive_within = std::chrono::hours(24);       ///< what is in no archive by then fails
  Duration report_for = std::chrono::hours(24 * 7);       ///< how long a report is tried
};

struct SpoolSettings {
  std::uint64_t reserve_bytes = 512ULL << 20U;
  std::uint64_t quota_bytes = 0;  ///< 0: none
};

struct OutboxSettings {
  std::uint64_t quota_bytes = 0;  ///< 0: none
};

/// How long what was received is kept (core/store/retention.h).
struct Retention {
  Duration keep{}, superseded{}, unusable{};
  Duration return_window{};  ///< of the way back: what came under which new UID
};

/// Where the site's health can be read (app/watch/monitor.h).
struct MonitorSettings {
  std::optional<Endpoint> bind;                  ///< none: nowhere
  std::filesystem::path cert, key, token_file;  ///< absolute; empty: none
};

/// Where the site's conditions are POSTed.
struct WebhookSettings {
  std::string url;
  std::filesystem::path ca, token_file;  ///< absolute; empty: none
};

struct MailSettings {
  enum class Security : std::uint8_t { tls, starttls, none };
  Endpoint address;
  Security security = Security::starttls;
  std::filesystem::path ca, password_file;  ///< absolute; empty: none
  std::string user;                         ///< empty: no log-in
  std::string from;
  std::vector<std::string> to;
};

/// Who is told of what needs a person.
struct AlertSettings {
  Duration digest = std::chrono::minutes(15);  ///< changes that are not critical gather so long
  Duration remind = std::chrono::hours(24);    ///< what stands so long is told again
  std::optional<WebhookSettings> webhook;
  std::optional<MailSettings> mail;
};

struct LogSettings {
  std::string level = "info";
  bool json = false;
};

struct Config {
  std::filesystem::path folder;  ///< the site's, absolute
  Site site;
  Completion completion;
  SpoolSettings spool;
  CommitmentSettings commitment;
  Retention retention;
  OutboxSettings outbox;
  MonitorSettings monitor;
  AlertSettings alerts;
  LogSettings log;
  std::vector<Listener> listeners;
  std::vector<Source> sources;
  std::vector<Destination> destinations;
  std::vector<Route> routes;

  [[nodiscard]] const Source* find(const SourceName& name) const;
  [[nodiscard]] const Destination* find(const DestinationName& name) const;
  [[nodiscard]] const Route* find(const RouteName& name) const;
};

}  // namespace veilroute::config
