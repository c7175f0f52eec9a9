// Admission: may this source associate, and for which presentation contexts? Walk step 1. Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/config.h"
#include "core/dicom/pdu.h"

namespace veilroute::scp {

/// What is known of who calls, beside what the A-ASSOCIATE-RQ says.
struct Caller {
  std::string address;      ///< numeric; IPv4 mapped into IPv6 is given as IPv4
  std::string cert_sha256;  ///< lower-case hexadecimal; empty without TLS
};

/// An association that may be opened.
struct Admitted {
  const config::Source* source = nullptr;  ///< null: the health AE title, C-ECHO alone
  std::vector<dicom::AnsweredContext> contexts;  ///< one answer for each proposal, in order
};

/// Why not: what the caller is told, and a slug for the log: association.protocol-version,
/// association.application-context, association.unknown-source, association.wrong-called-ae.
struct Refused {
  dicom::AssociateReject reject;
  std::string slug;
};

/// The source is the first one whose calling AE title, address, certificate and listener all fit;
/// of these the first whose called AE title fits, too. A caller that asks for the listener's health
/// AE title needs no source.
std::variant<Admitted, Refused> admit(const config::Config& config,
                                      const config::Listener& listener, const Caller& caller,
                                      const dicom::AssociateRequest& request);

/// What a caller may do beside Verification.
struct Offer {
  bool storage = false;
  bool private_classes = false;  ///< storage classes outside the standard, too
  bool commitment = false;       ///< storage commitment, in a plain syntax
};
/// One transfer syntax for each context: see choose_syntax.
std::vector<dicom::AnsweredContext> answer_contexts(const dicom::AssociateRequest& request,
                                                    const Offer& offer);

/// True for a class that take_object admits.
bool admits_class(const Uid& sop_class, bool private_classes);

/// The sender's first choice, so that nobody is asked to compress anew. Where that is uncompressed
/// the order is explicit little endian, implicit little endian, the sender's. Where it is a syntax
/// nobody knows, the first known one is better: we could not read the object. Empty: none offered.
Uid choose_syntax(const std::vector<Uid>& offered);

/// "10.20.0.0/16", "2001:db8::/32" or a single address; IPv4 never matches IPv6. What does not parse
/// matches nothing.
bool address_in(const std::string& address, const std::string& network);

}  // namespace veilroute::scp
