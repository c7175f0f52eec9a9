// Reaching the site: through its node when one runs, else by owning it for a moment.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "app/control.h"
#include "app/site.h"

namespace veilroute::app::cli {

/// One way to the site for any number of requests of one verb.
class Reach {
 public:
  /// `refused` ("site.in-use") when the site is owned but does not answer.
  static Result<std::unique_ptr<Reach>> open(const std::filesystem::path& site);
  ~Reach();
  Reach(const Reach&) = delete;
  Reach& operator=(const Reach&) = delete;
  /// `file` is an open descriptor that goes along, or negative.
  Result<json> ask(const std::string& verb, const json& arguments, int file = -1);
  /// True when a node answers.
  [[nodiscard]] bool node_runs() const { return client_.has_value(); }

 private:
  Reach();
  SystemClock clock_;
  Caller caller_;
  std::optional<ControlClient> client_;
  std::unique_ptr<Site> site_;
};

/// The argument of a request that names a study as people do: by our number, or by a UID.
json study_argument(const std::string& study);

/// One request of a verb that needs the opened site.
Result<json> ask_site(const std::filesystem::path& site, const std::string& verb,
                      const json& arguments);
/// One request of a verb that needs the configuration only: no lock, no node.
Result<json> ask_settings(const std::filesystem::path& site, const std::string& verb,
                          const json& arguments);

}  // namespace veilroute::app::cli
