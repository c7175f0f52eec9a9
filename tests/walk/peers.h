// Senders of other makers, as Debian ships them: GDCM's gdcmscu, odil, Orthanc. Their quirks stand in
// docs/peers.md.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {

/// Where a peer sends to.
struct Door {
  std::string name;  ///< Orthanc's name of it
  int port = 0;
  bool tls = false;
};

/// One exchange with an HTTP server on this machine: the whole answer, head and body.
inline std::string http_post(int port, const std::string& path, const std::string& body) {
  const int to = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  std::string answer;
  if (::connect(to, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "POST " + path + " HTTP/1.0\r\nHost: localhost\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body;
    for (std::size_t sent = 0; sent < request.size();) {
      const auto count = ::send(to, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    char piece[4096];
    for (ssize_t got = 0; (got = ::recv(to, piece, sizeof piece, 0)) > 0;) {
      answer.append(piece, static_cast<std::size_t>(got));
    }
  }
  ::close(to);
  return answer;
}

/// An Orthanc that knows some doors, driven over its REST interface as its users do. Its DICOM side
/// shows the demo partner's certificate where a door wants TLS.
class Orthanc {
 public:
  Orthanc(const fs::path& folder, const fs::path& keys, const std::vector<Door>& doors)
      : port_(test::free_port()) {
    fs::create_directories(folder);
    json modalities = json::object();
    for (const Door& door : doors) {
      modalities[door.name] = {{"AET", "VEILROUTE"},          {"Host", "127.0.0.1"},
                               {"Port", door.port},           {"AllowTranscoding", false},
                               {"UseDicomTls", door.tls},     {"Timeout", 20}};
    }
    const json settings = {{"StorageDirectory", (folder / "db").string()},
                           {"IndexDirectory", (folder / "db").string()},
                           {"HttpPort", port_},
                           {"DicomServerEnabled", false},
                           {"DicomAet", "DEMO_XRAY"},
                           {"RemoteAccessAllowed", false},
                           {"Plugins", json::array()},
                           {"DicomTlsCertificate", (keys / "demo/partner.crt").string()},
                           {"DicomTlsPrivateKey", (keys / "demo/partner.key").string()},
                           {"DicomTlsTrustedCertificates", (keys / "development-ca.crt").string()},
                           {"DicomModalities", modalities}};
    std::ofstream(folder / "orthanc.json") << settings;
    process_ = std::make_unique<test::Process>(
        std::vector<std::string>{"Orthanc", (folder / "orthanc.json").string()},
        folder / "orthanc.log");
    EXPECT_TRUE(test::wait_for([&] { return test::listens(port_) || !process_->running(); },
                               std::chrono::seconds(60)));
    EXPECT_TRUE(process_->running()) << process_->output();
  }
  bool echoes(const Door& door) const {
    return http_post(port_, "/modalities/" + door.name + "/echo", "{}").find(" 200 ") != npos;
  }
  /// Files into Orthanc, and from there through the door.
  bool sends(const std::vector<std::string>& files, const Door& door) const {
    std::string ids;
    for (const std::string& file : files) {
      const std::string answer = http_post(port_, "/instances", test::read_file(file));
      const auto body = json::parse(answer.substr(std::min(answer.size(), answer.find("\r\n\r\n"))),
                                    nullptr, false);
      if (!body.is_object()) return false;
      ids += (ids.empty() ? "[" : ",") + body.at("ID").dump();
    }
    const std::string answer =
        http_post(port_, "/modalities/" + door.name + "/store", ids + "]");
    return answer.find(" 200 ") != npos &&
           answer.find("\"FailedInstancesCount\" : 0") != npos;
  }

 private:
  static constexpr auto npos = std::string::npos;
  int port_;
  std::unique_ptr<test::Process> process_;
};

}  // namespace veilroute::walk
