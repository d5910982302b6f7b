/**
 * All subcommands. Each is loaded when it is asked for, so that `help` is quick and `doctor` runs where nothing else does.
 */
import type { CommandEntry } from './command.js';

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  launch: {
    blurb: 'plays a graph: a gst-launch line, or a YAML file with its parameters',
    load: () => import('./launch.js'),
  },
  serve: {
    blurb: 'serves the page and the API: one graph for each viewer',
    load: () => import('./serve.js'),
  },
  top: {
    blurb: 'watches the sessions of a running server',
    load: () => import('./top.js'),
  },
  inspect: {
    blurb: 'lists the elements there are, or shows everything about one',
    load: () => import('./inspect.js'),
  },
  graph: {
    blurb: 'prints a YAML graph as launch line, tidy YAML, picture or schema',
    load: () => import('./graph.js'),
  },
  voices: {
    blurb: 'lists the voices that can speak here',
    load: () => import('./voices.js'),
  },
  say: {
    blurb: 'says a text into a sound file',
    load: () => import('./say.js'),
  },
  models: {
    blurb: 'lists the lip-sync models there are, or imports one: a checkpoint or an ONNX file',
    load: () => import('./models.js'),
  },
  avatar: {
    blurb: 'lists the avatars there are; makes them of videos, imports, checks and shows them',
    load: () => import('./avatar.js'),
  },
  new: {
    blurb: 'begins an element: writes its file and its test',
    load: () => import('./new.js'),
  },
  bench: {
    blurb: 'measures this machine: sync and latency of every output, and more',
    load: () => import('./bench.js'),
  },
  doctor: {
    blurb: 'says what is missing on this machine and how to get it',
    load: () => import('./doctor.js'),
  },
};
