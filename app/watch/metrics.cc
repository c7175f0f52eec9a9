#include "app/watch/metrics.h"

#include <map>
#include <utility>
#include <vector>

#include "app/version.h"

namespace veilroute::app {
namespace {

using Labels = std::vector<std::pair<const char*, std::string>>;

/// Backslash, quote and line feed are escaped in a label's value.
std::string quoted(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out + '"';
}

class Page {
 public:
  void family(const char* name, const char* kind, const char* help) {
    name_ = std::string("veilroute_") + name;
    text_ += "# HELP " + name_ + ' ' + help + "\n# TYPE " + name_ + ' ' + kind + '\n';
  }
  void sample(const Labels& labels, std::int64_t value) {
    text_ += name_;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      text_ += (i == 0 ? "{" : ",") + std::string(labels[i].first) + '=' + quoted(labels[i].second);
    }
    text_ += (labels.empty() ? " " : "} ") + std::to_string(value) + '\n';
  }
  void sample(const Labels& labels, std::uint64_t value) {
    sample(labels, static_cast<std::int64_t>(value));
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

std::int64_t seconds_of(Duration span) {
  return std::chrono::duration_cast<std::chrono::seconds>(span).count();
}

void write_traffic(Page& page, const Traffic& traffic) {
  const auto counter = [&page](const char* name, const char* help,
                               const std::atomic<std::uint64_t>& value) {
    page.family(name, "counter", help);
    page.sample({}, value.load());
  };
  counter("objects_received_total", "objects acknowledged to sources", traffic.objects_received);
  counter("received_bytes_total", "bytes of their data sets", traffic.bytes_received);
  counter("attempts_total", "attempts to send a transfer that ended", traffic.attempts);
  counter("objects_sent_total", "objects acknowledged by receivers", traffic.objects_sent);
  counter("sent_bytes_total", "bytes of their data sets", traffic.bytes_sent);
  counter("objects_refused_total", "objects refused by receivers", traffic.objects_refused);
}

void write_work(Page& page, const WatchFacts& facts) {
  page.family("transfers", "gauge", "transfers that are not over");
  for (const auto& group : facts.work.transfers) {
    page.sample({{"destination", group.destination.value},
                 {"state", std::string(store::to_string(group.state))},
                 {"reason", group.reason}},
                group.transfers);
  }
  std::map<std::string, TimePoint> oldest;
  for (const auto& group : facts.work.transfers) {
    const auto at = oldest.try_emplace(group.destination.value, group.oldest).first;
    at->second = std::min(at->second, group.oldest);
  }
  page.family("oldest_transfer_seconds", "gauge", "age of the oldest transfer that is not over");
  for (const auto& [destination, since] : oldest) {
    page.sample({{"destination", destination}}, seconds_of(facts.at - since));
  }
  page.family("open_studies", "gauge", "studies of which objects are arriving");
  page.sample({}, facts.work.open_studies);
  page.family("held_studies", "gauge", "studies that wait for a person");
  for (const auto& [reason, studies] : facts.work.held_studies) {
    page.sample({{"reason", reason}}, studies);
  }
}

void write_ends(Page& page, const WatchFacts& facts) {
  page.family("certificate_seconds_left", "gauge", "until a certificate ends; negative: it has");
  for (const auto& each : facts.certificates) {
    if (!each.readable) continue;
    page.sample({{"of", each.whose}, {"file", each.which}}, seconds_of(each.expires - facts.at));
  }
  page.family("approval_seconds_left", "gauge", "until an approval ends; negative: it has");
  for (const auto& each : facts.approvals) {
    if (!each.there) continue;
    page.sample({{"destination", each.destination}}, seconds_of(each.ends - facts.at));
  }
}

void write_disks(Page& page, const WatchFacts& facts) {
  page.family("disk_free_bytes", "gauge", "free on the disk that holds this part of the state");
  for (const auto& disk : facts.disks) page.sample({{"part", disk.what}}, disk.free_bytes);
  page.family("disk_used_bytes", "gauge", "used by this part of the state");
  for (const auto& disk : facts.disks) page.sample({{"part", disk.what}}, disk.used_bytes);
  page.family("accepting", "gauge", "1 while objects are acknowledged");
  page.sample({}, std::uint64_t{facts.not_accepting.empty() ? 1U : 0U});
}

void write_conditions(Page& page, const WatchFacts& facts) {
  page.family("conditions", "gauge", "what somebody should know of, as `veilroute doctor` says");
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  for (const Condition& condition : conditions_of(facts)) {
    ++counts[{std::string(to_string(condition.severity)), condition.slug}];
  }
  for (const auto& [which, count] : counts) {
    page.sample({{"severity", which.first}, {"condition", which.second}}, count);
  }
}

}  // namespace

std::string metrics_page(const WatchFacts& facts, const Traffic& traffic) {
  Page page;
  page.family("build_info", "gauge", "always 1");
  page.sample({{"version", kVersion}}, std::uint64_t{1});
  write_traffic(page, traffic);
  write_work(page, facts);
  write_disks(page, facts);
  write_ends(page, facts);
  write_conditions(page, facts);
  return std::move(page).take();
}

}  // namespace veilroute::app
