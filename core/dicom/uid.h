// Checking and making UIDs (PS3.5 9.1, B.2).
#pragma once

#include <string_view>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace veilroute::dicom {

/// Under it stand the standard's storage SOP classes (PS3.4 B.5).
inline constexpr std::string_view kStorageRoot = "1.2.840.10008.5.1.4.1.1.";

/// 1 to 64 characters, digits and dots, no empty component. Leading zeros are tolerated, since
/// devices write them.
bool is_valid_uid(std::string_view text);
/// "2.25." and the decimal form of 128 bits, with the version and variant bits of a random UUID.
Uid uid_from_bits(std::span<const std::uint8_t, 16> bits);
/// The new UID for an old one: 128 bits of HMAC-SHA-256(secret, old UID) (decisions 6).
Uid mapped_uid(ByteView secret, std::string_view old_uid);
/// SOP classes, transfer syntaxes, coding schemes, well-known frames of reference and other UIDs
/// under 1.2.840.10008 that name a thing of the standard, not an instance.
bool is_structural_uid(std::string_view uid);
/// True for the SOP classes of PS3.4 B.5 (storage) that carry a patient's object.
bool is_storage_class(std::string_view sop_class);
/// "CT Image Storage"; empty for what is not in PS3.4 B.5.
std::string_view name_of_storage_class(std::string_view sop_class);
/// A class under the standard's root that we do not know by name but that looks like storage
/// (1.2.840.10008.5.1.4.1.1.*, and the retired ones outside it): admitted, as are private ones
/// where the listener says so.
bool looks_like_storage_class(std::string_view sop_class);

}  // namespace veilroute::dicom
