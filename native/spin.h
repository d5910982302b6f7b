// Looks for a moment before it sleeps: a thread that sleeps is woken in 5 us at best, and in 50 us where its core was
// halted (a virtual machine's, above all). Between a streaming thread and the JS thread that is most of what a hop costs.
//
// Spin-then-park, as adaptive mutexes do it (glibc's PTHREAD_MUTEX_ADAPTIVE_NP; Karlin et al., "Empirical studies of
// competitive spinning for a shared-memory multiprocessor", SOSP 1991): about as long as being woken would cost, and
// only where it pays. Two things decide. The mean time the other side needed lately, not counting how long it took to
// wake: between buffers 20 ms apart nobody looks. And what looking has brought: in vain, twice as many are left out
// before the next one (up to 1,023), and it takes eleven hits to make up for a miss; where more threads want to run than
// there are cores, the other side cannot come while we keep the core from it.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace talk {

// ns, of the steady clock.
inline int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The memory of one place where a thread waits. Any thread may tell it; it only guesses, so nothing is ordered.
class Spin {
 public:
  // ns: the longest look, and the mean up to which it is worth one.
  static constexpr int64_t kLongest = 40'000, kWorth = 20'000;

  // False when looking has not paid lately.
  bool pays() {
    static const bool alone = std::thread::hardware_concurrency() < 2;
    if (alone || mean_.load(std::memory_order_relaxed) > kWorth) return false;
    const int left = leave_out_.load(std::memory_order_relaxed);
    if (left > 0) leave_out_.store(left - 1, std::memory_order_relaxed);
    return left == 0;
  }

  // Looks until `there()`; false when it did not come in time.
  template <typename There>
  bool until(There&& there) {
    const int64_t end = steady_ns() + kLongest;
    do {
      for (int i = 0; i < 8; i++) {
        if (there()) {
          penalty_.store(penalty_.load(std::memory_order_relaxed) * 15 / 16, std::memory_order_relaxed);
          return true;
        }
        relax();
      }
    } while (steady_ns() < end);
    const int doubled = std::min(penalty_.load(std::memory_order_relaxed) * 2 + 1, 1023);
    penalty_.store(doubled, std::memory_order_relaxed);
    leave_out_.store(doubled, std::memory_order_relaxed);
    return false;
  }

  // How long the other side took this time, however it was waited for; ns.
  void took(int64_t ns) {
    const int64_t mean = mean_.load(std::memory_order_relaxed);
    mean_.store(mean + (std::clamp<int64_t>(ns, 0, 8 * kWorth) - mean) / 8, std::memory_order_relaxed);
  }

 private:
  static void relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
  }

  std::atomic<int64_t> mean_{8 * kWorth};
  std::atomic<int> leave_out_{0}, penalty_{0};
};

}  // namespace talk
