#include "app/cli/reach.h"

#include <unistd.h>

#include <thread>

#include "app/operations/operation.h"

namespace veilroute::app::cli {
namespace {

// A node that just starts holds the lock before it opens its control socket (it may recover first).
constexpr int kTries = 20;
constexpr auto kBetweenTries = std::chrono::milliseconds(250);

}  // namespace

Reach::Reach() : caller_{actor_of(::geteuid()), std::nullopt} {}

Result<std::unique_ptr<Reach>> Reach::open(const std::filesystem::path& site) {
  std::unique_ptr<Reach> reach(new Reach());
  const auto data_dir = data_dir_of(site, reach->clock_.now());
  for (int tried = 1;; ++tried) {
    VR_TRY(reach->client_, ControlClient::connect(data_dir));
    if (reach->client_) return reach;
    auto owned = Site::open(site, reach->clock_);
    if (owned.ok()) {
      reach->site_ = std::move(owned).value();
      return reach;
    }
    if (owned.error().slug != "site.in-use" || tried == kTries) return owned.error();
    std::this_thread::sleep_for(kBetweenTries);
  }
}

Reach::~Reach() {
  if (!site_) return;
  end_caller(*site_, caller_);
  // What was recorded lazily must be there for the next owner's first look; recovery would mend it.
  (void)site_->catalog().flush().ok();
}

Result<json> Reach::ask(const std::string& verb, const json& arguments, int file) {
  if (client_) return client_->ask(verb, arguments, file);
  Request request{verb, arguments, Descriptor(file < 0 ? -1 : ::dup(file))};
  return run_operation(*site_, std::move(request), caller_);
}

json study_argument(const std::string& study) {
  constexpr std::size_t kMostDigits = 19;  // of a 64-bit number, whatever they are
  const bool number = !study.empty() && study.size() <= kMostDigits &&
                      study.find_first_not_of("0123456789") == std::string::npos;
  return number ? json{{"study", std::stoull(study)}} : json{{"uid", study}};
}

Result<json> ask_site(const std::filesystem::path& site, const std::string& verb,
                      const json& arguments) {
  VR_TRY(const auto reach, Reach::open(site));
  return reach->ask(verb, arguments);
}

Result<json> ask_settings(const std::filesystem::path& site, const std::string& verb,
                          const json& arguments) {
  VR_TRY(const Settings settings, require_settings(site, SystemClock().now()));
  const Operation* operation = find_operation(verb);
  if (operation == nullptr || operation->on_settings == nullptr) {
    return make_error(ErrorKind::internal, "control.unknown-verb", "no such operation");
  }
  return operation->on_settings(settings, arguments);
}

}  // namespace veilroute::app::cli
