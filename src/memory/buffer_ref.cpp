#include "memory/buffer_ref.hpp"

#include <array>
#include <new>

namespace echosocket::net {

/// The blocks that one thread keeps for reuse: enough for one batch being read, one being written and a few held by
/// suspended handlers, but few, because idle threads keep them too.
class block_pool {
public:
    block_pool() = default;
    block_pool(const block_pool&) = delete;
    block_pool& operator=(const block_pool&) = delete;
    ~block_pool() {
        while (count_ > 0) ::operator delete(kept_[--count_]);
    }

    buffer_ref::block* take() noexcept { return count_ > 0 ? kept_[--count_] : nullptr; }

    bool keep(buffer_ref::block* b) noexcept {
        if (count_ == kept_.size()) return false;
        kept_[count_++] = b;
        return true;
    }

    static block_pool& of_this_thread() noexcept {
        thread_local block_pool pool;
        return pool;
    }

private:
    std::array<buffer_ref::block*, 16> kept_{};
    std::size_t count_ = 0;
};

buffer_ref buffer_ref::make(std::size_t capacity) {
    buffer_ref made;
    if (capacity <= block_size) {
        capacity = block_size;
        made.block_ = block_pool::of_this_thread().take();
    }
    if (made.block_ == nullptr) made.block_ = static_cast<block*>(::operator new(sizeof(block) + capacity));
    *made.block_ = {capacity, 1, 0};
    return made;
}

void buffer_ref::release(block* b) noexcept {
    if (b->capacity == block_size && block_pool::of_this_thread().keep(b)) return;
    ::operator delete(b);
}

}  // namespace echosocket::net
