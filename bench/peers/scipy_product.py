"""SciPy's sparse product: `scipy_product.py product ARRAYS.npz`; ready integers in, nothing written but what the product alone took and is."""
import json
import sys
import time

import numpy
from scipy.sparse import csr_matrix

if sys.argv[1] == 'prepare':
    rows = numpy.loadtxt(sys.argv[2], dtype=str, delimiter='\t')
    _, paths = numpy.unique(rows[:, 0], return_inverse=True)
    _, products = numpy.unique(rows[:, 1], return_inverse=True)
    numpy.savez(sys.argv[3], paths=paths, products=products)
else:
    with numpy.load(sys.argv[2]) as arrays:
        paths, products = arrays['paths'], arrays['products']
    wall, cpu = time.perf_counter(), time.process_time()
    views = csr_matrix((numpy.ones(len(paths), dtype=numpy.int32), (paths, products)))
    views.sum_duplicates()
    views.data[:] = 1
    product = (views.T @ views).tocsr()
    product.sort_indices()
    product.setdiag(0)
    product.eliminate_zeros()
    cost = {'wall': time.perf_counter() - wall, 'cpu': time.process_time() - cpu}
    print(json.dumps({**cost, 'relations': product.nnz, 'weight': int(product.sum(dtype=numpy.int64))}))
