// The test vectors of docs/protocol.md, as that document's last section defines them.
#pragma once

#include "wire/frame.hpp"
#include "wire/hello.hpp"
#include "wire/meta.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::test {

/// A frame as the document describes it, and the bytes that it gives for it.
struct described_frame {
    wire::frame_kind kind{};
    std::uint8_t flags = 0;
    std::uint32_t id = 0;
    std::string name;
    std::string trace_id;
    std::string idempotency_key;
    wire::meta numbers;  ///< The records that are not strings.
    std::optional<wire::hello> hello;
    std::string body;
    std::string bytes;

    [[nodiscard]] wire::meta meta() const;
    /// The description as this project encodes it.
    [[nodiscard]] std::string encoded() const;
};

struct test_vector {
    /// A reason, and the number of bytes that show it.
    struct verdict {
        errc reason{};
        std::size_t after = 0;
    };

    std::string name;
    std::vector<described_frame> frames;
    std::string bytes;  ///< Of all frames, or of the bytes that are not a frame.
    std::vector<std::string> joined;
    bool decode_only = false;
    bool too_large = false;
    wire::frame_limits limits;
    std::optional<std::uint32_t> stream_credit;
    std::optional<verdict> invalid;
    std::optional<verdict> foreign;
    std::optional<errc> rejected;
    struct skipped_frame {
        wire::frame_kind kind{};
        std::uint32_t id = 0;
        std::size_t size = 0;
    };
    std::optional<skipped_frame> oversized;

    /// Returns true if it describes frames that are valid in themselves.
    [[nodiscard]] bool is_good() const noexcept { return !frames.empty() && !rejected; }
};

/// All vectors of the document. Throws if a line of one cannot be parsed.
[[nodiscard]] const std::vector<test_vector>& protocol_vectors();

[[nodiscard]] std::string bytes_of_hex(std::string_view hex);
[[nodiscard]] std::string hex_of(std::string_view bytes);
/// The contents of a file below the source directory.
[[nodiscard]] std::string read_source(std::string_view path);

}  // namespace echosocket::test
