#include "seeded_hash.hpp"

#include <bit>
#include <random>

namespace echosocket {

namespace {

/// The state of SipHash, after Aumasson and Bernstein.
class sip_state {
public:
    explicit sip_state(const hash_seed& seed) noexcept
        : a_(seed.low ^ 0x736f6d6570736575U),
          b_(seed.high ^ 0x646f72616e646f6dU),
          c_(seed.low ^ 0x6c7967656e657261U),
          d_(seed.high ^ 0x7465646279746573U) {}

    void add(std::uint64_t word) noexcept {
        d_ ^= word;
        rounds(2);
        a_ ^= word;
    }

    [[nodiscard]] std::uint64_t finish() noexcept {
        c_ ^= 0xff;
        rounds(4);
        return a_ ^ b_ ^ c_ ^ d_;
    }

private:
    void rounds(int count) noexcept {
        for (; count != 0; --count) {
            a_ += b_;
            b_ = std::rotl(b_, 13) ^ a_;
            a_ = std::rotl(a_, 32);
            c_ += d_;
            d_ = std::rotl(d_, 16) ^ c_;
            a_ += d_;
            d_ = std::rotl(d_, 21) ^ a_;
            c_ += b_;
            b_ = std::rotl(b_, 17) ^ c_;
            c_ = std::rotl(c_, 32);
        }
    }

    std::uint64_t a_;
    std::uint64_t b_;
    std::uint64_t c_;
    std::uint64_t d_;
};

std::uint64_t little_endian_word(std::string_view bytes) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i != bytes.size(); ++i)
        word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return word;
}

hash_seed draw_seed() {
    std::random_device source;
    const auto word = [&source] { return std::uint64_t{source()} << 32 | source(); };
    return {word(), word()};
}

}  // namespace

std::uint64_t sip_hash(std::string_view bytes, const hash_seed& seed) noexcept {
    const auto size = std::uint64_t{bytes.size()} << 56;
    sip_state state(seed);
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) state.add(little_endian_word(bytes.substr(0, 8)));
    state.add(size | little_endian_word(bytes));
    return state.finish();
}

std::size_t seeded_hash::operator()(std::string_view text) const noexcept {
    static const hash_seed seed = draw_seed();
    return static_cast<std::size_t>(sip_hash(text, seed));
}

}  // namespace echosocket
