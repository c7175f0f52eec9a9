// What the tests of STOW-RS send, to whom, and with which certificates.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "core/base/crypto.h"
#include "core/dicom/phantom.h"
#include "router/sender.h"
#include "tests/router/sending.h"
#include "tests/support/certificates.h"
#include "tests/support/http_server.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::router {

/// Parcels over data sets in memory.
class StowShipment {
 public:
  void add(const Uid& sop_class, const Uid& instance, const Uid& syntax, Bytes data) {
    dicom::OutboxRecord& record = records_.emplace_back();
    record.object = ObjectId{records_.size()};
    record.sop_class = sop_class;
    record.sop_instance = instance;
    record.transfer_syntax = syntax;
    record.pieces = {{true, 0, data.size()}};
    const Bytes& kept = bytes_.emplace_back(std::move(data));
    parcels_.push_back({&record, [&kept]() -> Result<std::unique_ptr<ByteSource>> {
                          return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(kept));
                        }});
  }
  void add(const dicom::Phantom& phantom) {
    add(phantom.sop_class, phantom.sop_instance, phantom.transfer_syntax,
        Bytes(phantom.file.begin() + static_cast<std::ptrdiff_t>(phantom.dataset_offset),
              phantom.file.end()));
  }
  /// Small phantoms of one study.
  void add_phantoms(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      dicom::PhantomOptions options;
      options.instance = static_cast<unsigned>(parcels_.size() + 1);
      options.rows = options.columns = 16;
      add(dicom::make_phantom(options).value());
    }
  }
  /// For an object whose parcel opens something else than it was added with.
  void set_length(std::size_t i, std::uint64_t bytes) { records_[i].pieces[0].length = bytes; }
  [[nodiscard]] std::vector<Parcel>& parcels() { return parcels_; }
  [[nodiscard]] const Bytes& data(std::size_t i) const { return bytes_[i]; }
  [[nodiscard]] const std::string& uid(std::size_t i) const {
    return records_[i].sop_instance.value;
  }
  [[nodiscard]] const dicom::OutboxRecord& record(std::size_t i) const { return records_[i]; }

 private:
  std::deque<dicom::OutboxRecord> records_;
  std::deque<Bytes> bytes_;
  std::vector<Parcel> parcels_;
};

/// One authority for the whole program, since keys take time to make.
class StowKeys {
 public:
  static StowKeys& all() {
    static StowKeys keys;
    return keys;
  }
  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;

 public:
  test::Authority ours{folder_.path(), "ours"};
  test::Authority theirs{folder_.path(), "theirs"};
  test::Identity server = ours.issue("server");
  test::Identity client = ours.issue("client");
  test::Identity elsewhere = ours.issue("elsewhere", {{"DNS:elsewhere.example"}, 30, 2048});
  test::Identity expired = ours.issue("expired", {{"DNS:localhost"}, -1, 2048});
  test::Identity unknown = theirs.issue("unknown");
};

inline config::Destination stow_to(const test::HttpServer& server) {
  config::Destination destination;
  destination.name = DestinationName{"web"};
  destination.protocol = config::Protocol::stow;
  destination.address = {"localhost", server.port()};
  destination.ca = StowKeys::all().ours.ca();
  destination.connect_timeout = std::chrono::seconds(5);
  destination.answer_timeout = std::chrono::seconds(5);
  destination.stow = config::StowSettings{};
  destination.stow->url = server.url() + "/dicom-web";
  destination.stow->encrypted = server.url().starts_with("https:");
  return destination;
}

using StowSent = Sent;

inline Sent stow(Sender& sender, StowShipment& shipment, const std::stop_token& stop = {}) {
  return send(sender, shipment.parcels(), stop);
}

/// A data set of an answer in DICOM JSON: instances stored, and instances failed with a reason.
struct StowJson {
  std::vector<std::pair<std::string, unsigned>> stored, failed;

  [[nodiscard]] std::string text() const {
    return "{\"00081190\":{\"vr\":\"UR\",\"Value\":[\"https://x/studies/1\"]},\"00081199\":" +
           list(stored, "00081196") + ",\"00081198\":" + list(failed, "00081197") + "}";
  }

 private:
  static std::string list(const std::vector<std::pair<std::string, unsigned>>& items,
                          const std::string& reason) {
    std::string text = "{\"vr\":\"SQ\",\"Value\":[";
    for (const auto& [uid, code] : items) {
      if (text.back() == '}') text += ",";
      text += "{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"" + uid + "\"]}";
      if (code != 0) {
        text += ",\"" + reason + "\":{\"vr\":\"US\",\"Value\":[" + std::to_string(code) + "]}";
      }
      text += "}";
    }
    return text + "]}";
  }
};

/// The SOP Instance UIDs of a request's parts, as their file heads say.
inline std::vector<std::string> instances_of(const test::HttpRequest& request) {
  std::vector<std::string> uids;
  for (const test::HttpPart& part : test::parts_of(request)) {
    MemorySource file(as_bytes(part.content));
    const auto head = dicom::read_file_head(file);
    EXPECT_TRUE(head.ok());
    uids.push_back(head.ok() ? head->sop_instance.value : std::string());
  }
  return uids;
}

/// Takes everything it is sent.
inline test::HttpReply take_all(const test::HttpRequest& request) {
  StowJson said;
  for (const std::string& uid : instances_of(request)) said.stored.emplace_back(uid, 0);
  test::HttpReply reply;
  reply.body = said.text();
  reply.headers = {"Content-Type: application/dicom+json"};
  return reply;
}

inline test::HttpScript https_script(
    std::function<test::HttpReply(const test::HttpRequest&)> answer) {
  test::HttpScript script;
  script.cert = StowKeys::all().server.cert;
  script.key = StowKeys::all().server.key;
  script.answer = std::move(answer);
  return script;
}

}  // namespace veilroute::router
